# The secret without its content: gcloud secrets versions add sluicegate-api-key --data-file=-
resource "google_secret_manager_secret" "api_key" {
  count     = var.developer_api ? 1 : 0
  secret_id = "sluicegate-api-key"

  replication {
    user_managed {
      replicas {
        location = var.region
        dynamic "customer_managed_encryption" {
          for_each = var.kms_key == "" ? [] : [var.kms_key]
          content {
            kms_key_name = customer_managed_encryption.value
          }
        }
      }
    }
  }

  depends_on = [google_project_service.needed, google_kms_crypto_key_iam_member.services]
}

resource "google_secret_manager_secret_iam_member" "worker_reads" {
  count     = var.developer_api ? 1 : 0
  secret_id = google_secret_manager_secret.api_key[0].id
  role      = "roles/secretmanager.secretAccessor"
  member    = local.worker
}
