variable "name" {
  description = "What all names begin with."
  type        = string
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,31}$", var.name))
    error_message = "name: 3 to 32 small letters, digits and hyphens, a letter first."
  }
}

variable "region" {
  description = "Region of the queues."
  type        = string
}

variable "key_arn" {
  description = "KMS key of the queues."
  type        = string
}

variable "attempts" {
  description = "Times a message is given out before it goes to the queue of the dead."
  type        = number
  default     = 5
  validation {
    condition     = var.attempts >= 3 && var.attempts <= 100
    error_message = "attempts: 3 (a restart may cost one) to 100."
  }
}
