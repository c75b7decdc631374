resource "google_storage_bucket" "work" {
  name                        = var.bucket
  location                    = var.region
  uniform_bucket_level_access = true
  public_access_prevention    = "enforced"
  force_destroy               = false

  # What is deleted is gone: temporary files would be kept, and paid for, for a week.
  soft_delete_policy {
    retention_duration_seconds = 0
  }

  lifecycle_rule {
    condition {
      age            = 14
      matches_prefix = ["temp/", "staging/", "build/", "work/temp/"]
    }
    action {
      type = "Delete"
    }
  }

  dynamic "lifecycle_rule" {
    for_each = { for prefix, days in { "work/journal/" = var.journal_days, "work/failures/" = var.failures_days } : prefix => days if days > 0 }
    content {
      condition {
        age            = lifecycle_rule.value
        matches_prefix = [lifecycle_rule.key]
      }
      action {
        type = "Delete"
      }
    }
  }

  dynamic "encryption" {
    for_each = var.kms_key == "" ? [] : [var.kms_key]
    content {
      default_kms_key_name = encryption.value
    }
  }

  depends_on = [google_project_service.needed, google_kms_crypto_key_iam_member.services]
}

locals {
  # Objects may be read, written and deleted; the bucket itself can be looked at, not changed.
  work_roles = ["roles/storage.objectUser", "roles/storage.legacyBucketReader"]
  users      = concat([{ name = "worker", member = local.worker }], [for each in var.launchers : { name = each, member = each }])
}

resource "google_storage_bucket_iam_member" "work" {
  for_each = {
    for pair in setproduct(local.users, local.work_roles) :
    "${pair[0].name} ${pair[1]}" => { member = pair[0].member, role = pair[1] }
  }
  bucket = google_storage_bucket.work.name
  role   = each.value.role
  member = each.value.member
}

# Vertex AI reads a batch job's requests from the journal, and writes its answers there.
resource "google_storage_bucket_iam_member" "vertex_batches" {
  count  = var.batch_jobs && !var.developer_api ? 1 : 0
  bucket = google_storage_bucket.work.name
  role   = "roles/storage.objectUser"
  member = google_project_service_identity.vertex[0].member
}

resource "google_storage_bucket_iam_member" "builder_reads_sources" {
  bucket = google_storage_bucket.work.name
  role   = "roles/storage.objectViewer"
  member = local.builder
}

resource "google_storage_bucket_iam_member" "input" {
  for_each = {
    for pair in setproduct(var.input_buckets, local.users) :
    "${pair[0]} ${pair[1].name}" => { bucket = pair[0], member = pair[1].member }
  }
  bucket = each.value.bucket
  role   = "roles/storage.objectViewer"
  member = each.value.member
}

resource "google_bigquery_dataset" "rows" {
  dataset_id = var.dataset
  location   = var.region

  dynamic "default_encryption_configuration" {
    for_each = var.kms_key == "" ? [] : [var.kms_key]
    content {
      kms_key_name = default_encryption_configuration.value
    }
  }

  depends_on = [google_project_service.needed, google_kms_crypto_key_iam_member.services]
}

resource "google_bigquery_dataset_iam_member" "rows" {
  for_each   = { for user in local.users : user.name => user.member }
  dataset_id = google_bigquery_dataset.rows.dataset_id
  role       = "roles/bigquery.dataEditor"
  member     = each.value
}
