output "make" {
  description = "What `make template` and `make launch` want to know, ready to be put behind them."
  value = join(" ", compact([
    "PROJECT=${var.project}",
    "REGION=${var.region}",
    "BUCKET=${google_storage_bucket.work.name}",
    "FAILURES=gs://${google_storage_bucket.work.name}/work/failures",
    "SERVICE_ACCOUNT=${google_service_account.worker.email}",
    "BUILD_SERVICE_ACCOUNT=${google_service_account.builder.email}",
    "SUBNETWORK=regions/${var.region}/subnetworks/${google_compute_subnetwork.workers.name}",
    var.kms_key == "" ? "" : "KMS_KEY=${var.kms_key}",
  ]))
}

output "flags" {
  description = "What a job that is launched from a clone wants to know, ready to be put behind the command."
  value = join(" ", compact([
    "--runner=DataflowRunner",
    "--project=${var.project}",
    "--region=${var.region}",
    "--temp_location=gs://${google_storage_bucket.work.name}/temp",
    "--failures=gs://${google_storage_bucket.work.name}/work/failures",
    "--service_account_email=${google_service_account.worker.email}",
    "--subnetwork=regions/${var.region}/subnetworks/${google_compute_subnetwork.workers.name}",
    "--no_use_public_ips",
    var.kms_key == "" ? "" : "--dataflow_kms_key=${var.kms_key}",
  ]))
}

output "api_key_secret" {
  description = "What --api_key_secret is given with developer_api; empty without."
  value       = var.developer_api ? google_secret_manager_secret.api_key[0].id : ""
}
