variable "name" {
  description = "What all names begin with: the city, such as elgin-il."
  type        = string
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,31}$", var.name))
    error_message = "name: 3 to 32 small letters, digits and hyphens, a letter first."
  }
}

variable "account_id" {
  description = "AWS account."
  type        = string
  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id: the 12 digits of an AWS account."
  }
}

variable "partition" {
  description = "AWS partition."
  type        = string
  default     = "aws"
  validation {
    condition     = contains(["aws", "aws-us-gov"], var.partition)
    error_message = "partition: aws or aws-us-gov."
  }
}

variable "region" {
  description = "Region of the archive."
  type        = string
}

variable "archive_id" {
  description = "The archive's id (archive.json); names the KMS keys of its due periods."
  type        = string
  validation {
    condition     = can(regex("^[A-Za-z0-9-]{8,64}$", var.archive_id))
    error_message = "archive_id: what `archiver init` printed, or archive.json has as id."
  }
}

variable "buckets" {
  description = "Names of the buckets (storage.buckets)."
  type        = object({ archive = string, replica = string, incoming = string, keystore = string })
}

variable "prefix" {
  description = "What all keys of the archive begin with (storage.prefix)."
  type        = string
  default     = "archive"
}

variable "keys" {
  description = "KMS keys (keys.arns)."
  type        = object({ storage = string, replica = string, keystore = string, service = string })
}

variable "replica_region" {
  description = "Region of the copies."
  type        = string
}

variable "doorbell_arn" {
  description = "The queue that is rung when a delivery is stored (queue.queues)."
  type        = string
}

variable "readers" {
  description = "ARNs of who may take the role read."
  type        = list(string)
  default     = []
  validation {
    condition     = alltrue([for one in var.readers : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:(role|user)/[^*]+$", one))])
    error_message = "readers: ARNs of roles or users, without wildcards."
  }
}

variable "auditors" {
  description = "ARNs of who may take the role audit; of another account, if the auditor has one."
  type        = list(string)
  default     = []
  validation {
    condition     = alltrue([for one in var.auditors : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:(role|user)/[^*]+$", one))])
    error_message = "auditors: ARNs of roles or users, without wildcards."
  }
}
