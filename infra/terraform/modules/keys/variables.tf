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

variable "replica_region" {
  description = "Region of the copies."
  type        = string
}

variable "administrators" {
  description = "ARNs of who may order the end of a key and change its policy."
  type        = list(string)
  validation {
    condition     = length(var.administrators) > 0 && alltrue([for one in var.administrators : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:(role|user)/[^*]+$", one))])
    error_message = "administrators: at least one ARN of a role or user, without wildcards."
  }
}

variable "deletion_days" {
  description = "Days between the order to delete one of these keys and its end; the alarm has so long to be heard."
  type        = number
  default     = 30
  validation {
    condition     = var.deletion_days >= 14 && var.deletion_days <= 30
    error_message = "deletion_days: 14 to 30. Without the storage key the archive is unreadable."
  }
}
