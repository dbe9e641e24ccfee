variable "name" {
  description = "Name of the bucket."
  type        = string
}

variable "region" {
  description = "Region of the bucket."
  type        = string
}

variable "partition" {
  description = "AWS partition: aws, aws-us-gov."
  type        = string
  default     = "aws"
}

variable "key_arn" {
  description = "KMS key of the bucket's region that encrypts it at rest; null: S3's own keys (AES-256)."
  type        = string
  default     = null
}

variable "versioned" {
  description = "Whether what is replaced or deleted lives on as a version."
  type        = bool
  default     = true
}

variable "lock" {
  description = "Lock that the bucket puts on each new version by itself; null: no Object Lock."
  type        = object({ mode = string, days = number })
  default     = null
}

variable "logs_bucket" {
  description = "Bucket for access logs; null: none."
  type        = string
  default     = null
}

variable "administrators" {
  description = "ARNs (patterns) of who may change the bucket's settings."
  type        = list(string)
}

variable "expire" {
  description = "Objects that end by themselves: prefix => days."
  type        = map(number)
  default     = {}
}

variable "expire_noncurrent" {
  description = "Prefixes whose replaced or deleted versions end by themselves: prefix => days."
  type        = map(number)
  default     = {}
}

variable "statements" {
  description = "Statements of the bucket policy, beside those that all buckets have."
  type        = any
  default     = []
}
