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
  description = "Region of the archive."
  type        = string
}

variable "key_arn" {
  description = "KMS key of database, files, secrets, logs (keys.arns.service)."
  type        = string
}

variable "roles" {
  description = "Roles of tasks, by name (roles.arns): worker, receiver, hold, executor."
  type        = object({ worker = string, receiver = string, hold = string, executor = string })
}

variable "celery_queue" {
  description = "Celery's queue (queue.queues.celery)."
  type        = object({ name = string, url = string, arn = string })
}

variable "image" {
  description = "Image with Airflow 3.3, Celery with SQS, the archiver and its plugins; by digest, so that what runs is known."
  type        = string
  validation {
    condition     = can(regex("@sha256:[0-9a-f]{64}$", var.image))
    error_message = "image: name it by digest, …@sha256:…"
  }
}

variable "settings" {
  description = "archiver.toml, without secrets (the outputs named settings, put together)."
  type        = string
  validation {
    condition     = !can(regex("(?i)(secret|password|token)[a-z_]*\\s*=", var.settings))
    error_message = "settings: it has something that looks like a secret; these belong in Secrets Manager."
  }
}

variable "forwarder" {
  description = "Source of the forwarder (webhook.forwarder), and where deliveries are."
  type        = object({ source = string, bucket = string, doorbell_url = string })
}

variable "cidr" {
  description = "Addresses of the network, a /16 to /20."
  type        = string
  default     = "10.40.0.0/16"
  validation {
    condition     = can(cidrhost(var.cidr, 0)) && try(tonumber(split("/", var.cidr)[1]), 0) >= 16 && try(tonumber(split("/", var.cidr)[1]), 32) <= 20
    error_message = "cidr: such as 10.40.0.0/16, a /16 to /20."
  }
}

variable "zones" {
  description = "Availability zones, two or three."
  type        = list(string)
  validation {
    condition     = length(var.zones) >= 2 && length(var.zones) <= 3 && length(distinct(var.zones)) == length(var.zones)
    error_message = "zones: two or three of the region's."
  }
}

variable "workers" {
  description = "Celery workers."
  type        = number
  default     = 2
  validation {
    condition     = var.workers >= 1 && var.workers <= 100
    error_message = "workers: 1 to 100."
  }
}

variable "size" {
  description = "CPU units and MiB of a worker (Fargate knows certain pairs)."
  type        = object({ cpu = number, memory = number })
  default     = { cpu = 2048, memory = 8192 }
}

variable "database" {
  description = "Class and GiB of the database; whether it has a second one beside."
  type        = object({ class = string, gib = number, multi_az = bool })
  default     = { class = "db.t4g.medium", gib = 50, multi_az = true }
}

variable "auth_manager" {
  description = "Airflow's auth manager; never the simple one."
  type        = string
  default     = "airflow.providers.fab.auth_manager.fab_auth_manager.FabAuthManager"
  validation {
    condition     = !strcontains(lower(var.auth_manager), "simple")
    error_message = "auth_manager: the simple auth manager knows no people; use one that does."
  }
}

variable "dags_folder" {
  description = "Where the image has the DAGs."
  type        = string
  default     = "/opt/civic-archiver/dags"
}
