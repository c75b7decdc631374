# Three identities, none with a key: workers run as one, images are built as another, and people
# or schedulers launch as themselves, by acting as the worker.

resource "google_service_account" "worker" {
  account_id   = "sluicegate-worker"
  display_name = "Sluicegate: launcher and worker machines of Dataflow jobs"
  depends_on   = [google_project_service.needed]
}

resource "google_service_account" "builder" {
  account_id   = "sluicegate-builder"
  display_name = "Sluicegate: builds the template's image"
  depends_on   = [google_project_service.needed]
}

locals {
  worker  = google_service_account.worker.member
  builder = google_service_account.builder.member

  # What a role can only be given on the project for. Everything else is given where it is needed.
  worker_project_roles = toset(concat(
    ["roles/bigquery.jobUser", "roles/bigquery.readSessionUser"],
    var.narrow_worker_role ? [] : ["roles/dataflow.worker"],
  ))
  # The same, but roles of this project's own: what Google's have, less what is not needed.
  worker_own_roles = merge(
    var.developer_api ? {} : { predict = google_project_iam_custom_role.predict[0].name },
    var.narrow_worker_role ? { worker = google_project_iam_custom_role.worker[0].name } : {},
  )
}

locals {
  # What --processing=batch takes besides.
  # Source: https://docs.cloud.google.com/vertex-ai/docs/general/iam-permissions
  batch_rights = [
    "aiplatform.batchPredictionJobs.cancel",
    "aiplatform.batchPredictionJobs.create",
    "aiplatform.batchPredictionJobs.get",
    "aiplatform.batchPredictionJobs.list",
  ]
}

# To ask Gemini on Vertex AI takes this one right; roles/aiplatform.user has hundreds.
# Source: https://docs.cloud.google.com/vertex-ai/generative-ai/docs/access-control
resource "google_project_iam_custom_role" "predict" {
  count       = var.developer_api ? 0 : 1
  role_id     = "sluicegatePredict"
  title       = "Sluicegate: ask a model"
  permissions = concat(["aiplatform.endpoints.predict"], var.batch_jobs ? local.batch_rights : [])
  depends_on  = [google_project_service.needed]
}

# roles/dataflow.worker less its storage.buckets.get, storage.objects.get and storage.objects.create,
# which it gives on every bucket of the project, and less what streaming jobs need alone.
# Source: https://docs.cloud.google.com/iam/docs/roles-permissions/dataflow
resource "google_project_iam_custom_role" "worker" {
  count   = var.narrow_worker_role ? 1 : 0
  role_id = "sluicegateWorker"
  title   = "Sluicegate: be a Dataflow machine, without rights on buckets"
  permissions = [
    "autoscaling.sites.readRecommendations",
    "autoscaling.sites.writeMetrics",
    "autoscaling.sites.writeState",
    "compute.instanceGroupManagers.update",
    "compute.instances.delete",
    "compute.instances.setDiskAutoDelete",
    "dataflow.jobs.get",
    "dataflow.shuffle.read",
    "dataflow.shuffle.write",
    "dataflow.workItems.lease",
    "dataflow.workItems.sendMessage",
    "dataflow.workItems.update",
    "logging.logEntries.create",
    "logging.logEntries.route",
    "monitoring.timeSeries.create",
  ]
  depends_on = [google_project_service.needed]
}

resource "google_project_iam_member" "worker_own_roles" {
  for_each = local.worker_own_roles
  project  = var.project
  role     = each.value
  member   = local.worker
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

locals {
  # readSessionUser: `compare` and `evaluate` read tables, from the launcher's own machine.
  launcher_project_roles = ["roles/dataflow.developer", "roles/bigquery.jobUser", "roles/bigquery.readSessionUser"]
}

resource "google_project_iam_member" "launchers" {
  for_each = {
    for pair in setproduct(var.launchers, local.launcher_project_roles) :
    "${pair[0]} ${pair[1]}" => { member = pair[0], role = pair[1] }
  }
  project    = var.project
  role       = each.value.role
  member     = each.value.member
  depends_on = [google_project_service.needed]
}

resource "google_service_account_iam_member" "launchers_act_as_worker" {
  for_each           = toset(var.launchers)
  service_account_id = google_service_account.worker.name
  role               = "roles/iam.serviceAccountUser"
  member             = each.value
}
