resource "google_artifact_registry_repository" "images" {
  repository_id = "sluicegate"
  location      = var.region
  format        = "DOCKER"
  kms_key_name  = var.kms_key == "" ? null : var.kms_key
  depends_on    = [google_project_service.needed, google_kms_crypto_key_iam_member.services]
}

resource "google_artifact_registry_repository_iam_member" "worker_pulls" {
  repository = google_artifact_registry_repository.images.name
  location   = var.region
  role       = "roles/artifactregistry.reader"
  member     = local.worker
}

resource "google_artifact_registry_repository_iam_member" "builder_pushes" {
  repository = google_artifact_registry_repository.images.name
  location   = var.region
  role       = "roles/artifactregistry.writer"
  member     = local.builder
}
