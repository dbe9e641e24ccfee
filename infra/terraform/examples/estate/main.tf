# Many cities of one state: each with buckets, keys, roles, queues, network and Airflow of its
# own. Nothing is shared but this file, so no role of one city can name anything of another's.

variable "account_id" {
  description = "AWS account."
  type        = string
}

variable "administrators" {
  description = "ARNs of who may change settings of buckets and end keys."
  type        = list(string)
}

variable "auditors" {
  description = "ARNs of the state's auditors: they may take the role audit of each city."
  type        = list(string)
}

variable "image" {
  description = "Image with Airflow and the archiver, by digest."
  type        = string
}

variable "package" {
  description = "Zip with accept.py."
  type        = string
  default     = "accept.zip"
}

variable "cities" {
  description = "Cities, by what their names begin with."
  type = map(object({
    archive_id      = string
    host            = string
    certificate_arn = string
    recipients      = set(string)
    readers         = optional(list(string), [])
    budget          = optional(number, 600)
    workers         = optional(number, 1)
    database        = optional(object({ class = string, gib = number, multi_az = bool }), { class = "db.t4g.medium", gib = 50, multi_az = true })
  }))
  validation {
    condition     = length(var.cities) > 0 && length(distinct([for one in var.cities : one.host])) == length(var.cities)
    error_message = "cities: at least one, each with a host of its own."
  }
  validation {
    condition     = length(distinct([for one in var.cities : one.archive_id])) == length(var.cities)
    error_message = "cities: each has an archive of its own."
  }
}

module "city" {
  source          = "../small-city"
  for_each        = var.cities
  name            = each.key
  account_id      = var.account_id
  administrators  = var.administrators
  auditors        = var.auditors
  readers         = each.value.readers
  archive_id      = each.value.archive_id
  image           = var.image
  package         = var.package
  host            = each.value.host
  certificate_arn = each.value.certificate_arn
  recipients      = each.value.recipients
  budget          = each.value.budget
  workers         = each.value.workers
  database        = each.value.database
}

output "settings" {
  description = "archiver.toml of each city."
  value       = { for name, city in module.city : name => city.settings }
}

output "policies" {
  description = "Policies of roles and buckets of each city (JSON)."
  value       = { for name, city in module.city : name => city.policies }
}
