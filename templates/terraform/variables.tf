variable "project" {
  description = "The project that everything is created in."
  type        = string
}

variable "region" {
  description = "Where data and workers are. Choose it by where the data may lie: bucket, dataset, images and workers are all here."
  type        = string
  default     = "europe-west1"
}

variable "bucket" {
  description = "Name of the work bucket, to be created: journal, failures, summaries, temporary files, the template."
  type        = string
}

variable "input_buckets" {
  description = "Names of the buckets that documents are read from. They exist, and are in this project where Vertex AI reads them by reference."
  type        = list(string)
}

variable "dataset" {
  description = "BigQuery dataset of the rows, to be created."
  type        = string
  default     = "invoices"
}

variable "launchers" {
  description = "Who may launch jobs, as IAM names them: user:…, group:…, serviceAccount:…"
  type        = list(string)
  default     = []
}

variable "journal_days" {
  description = "After how many days answers in the journal are deleted; 0 keeps them. A deleted answer is paid for again if its document is run again."
  type        = number
  default     = 0

  validation {
    condition     = var.journal_days >= 0 && floor(var.journal_days) == var.journal_days
    error_message = "journal_days is a whole number, 0 or more."
  }
}

variable "failures_days" {
  description = "After how many days failure records, which hold parts of raw answers, are deleted; 0 keeps them."
  type        = number
  default     = 90

  validation {
    condition     = var.failures_days >= 0 && floor(var.failures_days) == var.failures_days
    error_message = "failures_days is a whole number, 0 or more."
  }
}

variable "developer_api" {
  description = "Create a secret for an API key of the Developer API, and no right to call Vertex AI. The key itself is added with gcloud: it would lie in Terraform's state."
  type        = bool
  default     = false
}

variable "narrow_worker_role" {
  description = "Give the worker a role of this project's own in place of roles/dataflow.worker, which reads and creates objects in every bucket of the project."
  type        = bool
  default     = false
}

variable "kms_key" {
  description = "A Cloud KMS key of this region that encrypts bucket, dataset, images, secret and jobs (projects/P/locations/L/keyRings/R/cryptoKeys/K). Empty: Google's keys."
  type        = string
  default     = ""
}

variable "notification_channels" {
  description = "Monitoring channels that alerts go to (projects/P/notificationChannels/N)."
  type        = list(string)
  default     = []
}

variable "batch_jobs" {
  description = "Whether jobs run with --processing=batch on Vertex AI: the worker may then create batch jobs, and Vertex AI's own account reads requests from, and writes answers to, the work bucket."
  type        = bool
  default     = false
}
