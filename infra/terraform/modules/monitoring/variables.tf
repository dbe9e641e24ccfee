variable "name" {
  description = "What all names begin with."
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
}

variable "region" {
  description = "Region of the archive. Who logs in as root is told of in us-east-1: an alarm there needs the trail of all regions."
  type        = string
}

variable "key_arn" {
  description = "KMS key of alarms and the trail (keys.arns.service)."
  type        = string
}

variable "recipients" {
  description = "E-mail addresses that are told."
  type        = set(string)
  validation {
    condition     = length(var.recipients) > 0 && alltrue([for one in var.recipients : can(regex("^[^@ ]+@[^@ ]+\\.[^@ ]+$", one))])
    error_message = "recipients: at least one e-mail address; an alarm that nobody hears is none."
  }
}

variable "log_groups" {
  description = "Log groups of Airflow, the receiver and jobs (orchestration.log_groups)."
  type        = object({ airflow = string, receiver = string, jobs = string })
}

variable "queues" {
  description = "Queues with what nobody could do (queue.queues): name, dead."
  type        = map(object({ name = string, dead = string }))
}

variable "buckets" {
  description = "Buckets (storage.buckets): archive, ledger, logs."
  type        = object({ archive = string, ledger = string, logs = string })
}

variable "function" {
  description = "Function that stores deliveries (webhook.function)."
  type        = string
}

variable "database" {
  description = "Identifier of Airflow's database (orchestration.database)."
  type        = string
}

variable "budget" {
  description = "Dollars a month; told of at 80 %, and when 100 % are forecast."
  type        = number
  validation {
    condition     = var.budget > 0 && var.budget < 1000000
    error_message = "budget: dollars a month, above 0."
  }
}

variable "lag_hours" {
  description = "Hours without a capture that ended, after which somebody is told."
  type        = number
  default     = 3
  validation {
    condition     = var.lag_hours >= 1 && var.lag_hours <= 24
    error_message = "lag_hours: 1 to 24: platforms show some things for a day only."
  }
}
