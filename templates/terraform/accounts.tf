# Three identities, none with a key: workers run as one, images are built as another, and people
# or schedulers launch as themselves, by acting as the worker.

resource "google_service_account" "worker" {
  account_id   = "sluicegate-worker"
  display_name = "Sluicegate: launcher and worker machines of Dataflow jobs"
}

resource "google_service_account" "builder" {
  account_id   = "sluicegate-builder"
  display_name = "Sluicegate: builds the template's image"
}

locals {
  worker  = google_service_account.worker.member
  builder = google_service_account.builder.member

  # What a role can only be given on the project for. Everything else is given where it is needed.
  worker_project_roles = toset(concat(
    ["roles/dataflow.worker", "roles/bigquery.jobUser", "roles/bigquery.readSessionUser"],
    var.developer_api ? [] : ["roles/aiplatform.user"],
  ))
}

resource "google_project_iam_member" "worker" {
  for_each = local.worker_project_roles
  project  = var.project
  role     = each.value
  member   = local.worker
}

resource "google_project_iam_member" "builder" {
  project = var.project
  role    = "roles/logging.logWriter"
  member  = local.builder
}

resource "google_project_iam_member" "launchers" {
  for_each = {
    for pair in setproduct(var.launchers, ["roles/dataflow.developer", "roles/bigquery.jobUser"]) :
    "${pair[0]} ${pair[1]}" => { member = pair[0], role = pair[1] }
  }
  project = var.project
  role    = each.value.role
  member  = each.value.member
}

resource "google_service_account_iam_member" "launchers_act_as_worker" {
  for_each           = toset(var.launchers)
  service_account_id = google_service_account.worker.name
  role               = "roles/iam.serviceAccountUser"
  member             = each.value
}
