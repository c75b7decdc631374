# What Terraform itself calls to look at a project, to make accounts and to give rights is here too.
# In a project that has never seen it, three of them have to be on before the first plan, by hand:
# docs/dataflow.md, step 1.
locals {
  services = [
    "aiplatform.googleapis.com",
    "artifactregistry.googleapis.com",
    "bigquery.googleapis.com",
    "bigquerystorage.googleapis.com",
    "cloudbuild.googleapis.com",
    "cloudresourcemanager.googleapis.com",
    "compute.googleapis.com",
    "dataflow.googleapis.com",
    "iam.googleapis.com",
    "logging.googleapis.com",
    "monitoring.googleapis.com",
    "secretmanager.googleapis.com",
    "serviceusage.googleapis.com",
    "storage.googleapis.com",
  ]
}

resource "google_project_service" "needed" {
  for_each           = toset(local.services)
  project            = var.project
  service            = each.value
  disable_on_destroy = false
}

# The account by which Vertex AI reads documents from a bucket. Left to itself, Google makes it at a
# project's first call with a gs:// document, and refuses such calls for some minutes: "Service
# agents are being provisioned". A job waits for that; made here, it need not.
# Source: https://docs.cloud.google.com/iam/docs/create-service-agents#terraform
resource "google_project_service_identity" "vertex" {
  count      = var.developer_api ? 0 : 1
  provider   = google-beta
  project    = var.project
  service    = "aiplatform.googleapis.com"
  depends_on = [google_project_service.needed]
}
