variable "name" {
  description = "What all names begin with: the city, such as elgin-il."
  type        = string
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,31}$", var.name))
    error_message = "name: 3 to 32 small letters, digits and hyphens, a letter first."
  }
}

variable "account_id" {
  description = "AWS account; part of the names of buckets, and of ARNs in policies."
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
  description = "Region of the copies; another than the archive's."
  type        = string
  validation {
    condition     = var.replica_region != var.region
    error_message = "replica_region: rules of electronic records ask for a copy apart from the first: name another region."
  }
}

variable "prefix" {
  description = "What all keys of the archive begin with, without slashes at its ends."
  type        = string
  default     = "archive"
  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{0,62}$", var.prefix))
    error_message = "prefix: small letters, digits and hyphens."
  }
}

variable "keys" {
  description = "KMS keys: storage, of the archive's region; replica, of the copies' region; keystore."
  type        = object({ storage = string, replica = string, keystore = string })
}

variable "locks" {
  description = "How objects are locked: governance or compliance. The same is set in archiver.toml."
  type        = string
  default     = "compliance"
  validation {
    condition     = contains(["governance", "compliance"], var.locks)
    error_message = "locks: governance or compliance."
  }
}

variable "lock_days" {
  description = "Lock that the bucket gives a new version until `archiver lock` comes to it. What may lawfully go waits for it."
  type        = number
  default     = 14
  validation {
    condition     = var.lock_days >= 2 && var.lock_days <= 90 && floor(var.lock_days) == var.lock_days
    error_message = "lock_days: 2 (a night may fail) to 90 (docs/locks.md)."
  }
}

variable "administrators" {
  description = "ARNs of who may change settings of buckets: the role Terraform runs as, and one for emergencies."
  type        = list(string)
  validation {
    condition     = length(var.administrators) > 0 && alltrue([for one in var.administrators : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:(role|user)/[^*]+$", one))])
    error_message = "administrators: at least one ARN of a role or user, without wildcards."
  }
}

variable "refused_days" {
  description = "Days for which a delivery is kept that the receiver did not believe."
  type        = number
  default     = 90
  validation {
    condition     = var.refused_days >= 30
    error_message = "refused_days: at least 30: a credential may have been entered late."
  }
}
