# With a key of your own, Google's services have to be let use it.
locals {
  number = data.google_project.this.number
  key_users = toset(var.kms_key == "" ? [] : [
    "serviceAccount:service-${local.number}@gs-project-accounts.iam.gserviceaccount.com",
    "serviceAccount:bq-${local.number}@bigquery-encryption.iam.gserviceaccount.com",
    "serviceAccount:service-${local.number}@gcp-sa-artifactregistry.iam.gserviceaccount.com",
    "serviceAccount:service-${local.number}@gcp-sa-secretmanager.iam.gserviceaccount.com",
    "serviceAccount:service-${local.number}@dataflow-service-producer-prod.iam.gserviceaccount.com",
    "serviceAccount:service-${local.number}@compute-system.iam.gserviceaccount.com",
  ])
}

resource "google_kms_crypto_key_iam_member" "services" {
  for_each      = local.key_users
  crypto_key_id = var.kms_key
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = each.value
  depends_on    = [google_project_service.needed]
}
