variable "name" {
  description = "What all names begin with: the city, such as elgin-il."
  type        = string
  default     = "elgin-il"
}

variable "account_id" {
  description = "AWS account."
  type        = string
}

variable "partition" {
  description = "AWS partition: aws, aws-us-gov."
  type        = string
  default     = "aws"
}

variable "region" {
  description = "Region of the archive."
  type        = string
  default     = "us-east-2"
}

variable "replica_region" {
  description = "Region of the copies."
  type        = string
  default     = "us-west-2"
}

variable "zones" {
  description = "Availability zones of the region."
  type        = list(string)
  default     = ["us-east-2a", "us-east-2b"]
}

variable "archive_id" {
  description = "The archive's id, as `archiver init` prints it; until then any text of 26 letters and digits: no key of a period has it."
  type        = string
}

variable "locks" {
  description = "governance or compliance."
  type        = string
  default     = "compliance"
}

variable "administrators" {
  description = "ARNs of who may change settings of buckets and end keys."
  type        = list(string)
}

variable "readers" {
  description = "ARNs of who may take the role read."
  type        = list(string)
  default     = []
}

variable "auditors" {
  description = "ARNs of who may take the role audit."
  type        = list(string)
  default     = []
}

variable "image" {
  description = "Image with Airflow and the archiver, by digest."
  type        = string
}

variable "host" {
  description = "Name under which platforms reach the intake."
  type        = string
}

variable "certificate_arn" {
  description = "Certificate of that name."
  type        = string
}

variable "package" {
  description = "Zip with accept.py."
  type        = string
  default     = "accept.zip"
}

variable "recipients" {
  description = "E-mail addresses that are told of alarms."
  type        = set(string)
}

variable "budget" {
  description = "Dollars a month."
  type        = number
  default     = 600
}

variable "workers" {
  description = "Celery workers."
  type        = number
  default     = 1
}

variable "database" {
  description = "Class and GiB of Airflow's database; whether it has a second one beside."
  type        = object({ class = string, gib = number, multi_az = bool })
  default     = { class = "db.t4g.small", gib = 20, multi_az = false }
}
