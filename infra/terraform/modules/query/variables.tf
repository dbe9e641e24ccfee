variable "name" {
  description = "What all names begin with."
  type        = string
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,31}$", var.name))
    error_message = "name: 3 to 32 small letters, digits and hyphens, a letter first."
  }
}

variable "account_id" {
  description = "AWS account; part of the bucket's name."
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
}

variable "region" {
  description = "Region of the archive."
  type        = string
}

variable "key_arn" {
  description = "KMS key of tables and results (keys.arns.storage)."
  type        = string
}

variable "logs_bucket" {
  description = "Bucket of access logs (storage.buckets.logs)."
  type        = string
}

variable "administrators" {
  description = "ARNs of who may change the bucket's settings."
  type        = list(string)
}

variable "streams" {
  description = "Streams that have a table. Those whose rows lie encrypted have none: Athena has no keys of theirs."
  type        = set(string)
  default     = ["posts", "pages", "comments", "reactions", "media", "moderation", "profile"]
  validation {
    condition     = length(var.streams) > 0 && length(setintersection(var.streams, ["messages", "subscribers", "workflow"])) == 0
    error_message = "streams: messages, subscribers and workflow are encrypted always; take them out."
  }
}

variable "most_bytes" {
  description = "Bytes that one query may read; Athena ends it then."
  type        = number
  default     = 1099511627776
  validation {
    condition     = var.most_bytes >= 10485760
    error_message = "most_bytes: at least 10 MiB, as Athena has it."
  }
}

variable "result_days" {
  description = "Days for which results of queries are kept. They are copies of records: no longer than an order to destroy waits."
  type        = number
  default     = 7
  validation {
    condition     = var.result_days >= 1 && var.result_days <= 14
    error_message = "result_days: 1 to 14."
  }
}
