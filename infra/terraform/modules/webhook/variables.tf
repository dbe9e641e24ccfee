variable "name" {
  description = "What all names begin with."
  type        = string
  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{2,31}$", var.name))
    error_message = "name: 3 to 32 small letters, digits and hyphens, a letter first."
  }
}

variable "region" {
  description = "Region of the archive."
  type        = string
}

variable "role" {
  description = "Role that stores deliveries (roles.arns.capture), and its name."
  type        = object({ arn = string, name = string })
}

variable "key_arn" {
  description = "KMS key of logs (keys.arns.service)."
  type        = string
}

variable "bucket" {
  description = "Bucket of deliveries (storage.buckets.incoming)."
  type        = string
}

variable "doorbell_url" {
  description = "Queue that is rung (queue.queues.doorbell)."
  type        = string
}

variable "package" {
  description = "Zip with src/accept.py: python3 -m zipfile -c accept.zip src/accept.py"
  type        = string
  default     = "accept.zip"
}

variable "host" {
  description = "Name under which platforms reach it, such as hooks.example.gov."
  type        = string
  validation {
    condition     = can(regex("^[a-z0-9-]+(\\.[a-z0-9-]+)+$", var.host))
    error_message = "host: a name in DNS, such as hooks.example.gov."
  }
}

variable "certificate_arn" {
  description = "Certificate (ACM) of that name, in the same region."
  type        = string
  validation {
    condition     = can(regex("^arn:[a-z-]+:acm:", var.certificate_arn))
    error_message = "certificate_arn: the ARN of a certificate in ACM."
  }
}

variable "receiver_url" {
  description = "Address of the receiver in the network (orchestration.receiver_url); it answers handshakes."
  type        = string
  validation {
    condition     = can(regex("^http://[a-z0-9.-]+:[0-9]+$", var.receiver_url))
    error_message = "receiver_url: http://NAME:PORT."
  }
}

variable "network" {
  description = "Subnets and security group of the function (orchestration.network)."
  type        = object({ subnets = list(string), security_group = string })
}

variable "handles" {
  description = "Accounts that are sent to (`archiver webhook list`); empty: each name that could be one is stored."
  type        = list(string)
  default     = []
  validation {
    condition     = alltrue([for one in var.handles : can(regex("^[A-Za-z0-9_-]{1,64}$", one))])
    error_message = "handles: what follows /hooks/ in the addresses of `archiver webhook list`."
  }
}

variable "rate" {
  description = "Requests a second that are taken; twice as many at once."
  type        = number
  default     = 100
  validation {
    condition     = var.rate >= 1 && var.rate <= 10000
    error_message = "rate: 1 to 10000 a second."
  }
}
