# One bucket as all buckets here are: private, TLS only, encrypted, its settings out of reach.

locals {
  arn     = "arn:${var.partition}:s3:::${var.name}"
  objects = "${local.arn}/*"

  settings = [
    "s3:DeleteBucket", "s3:DeleteBucketPolicy", "s3:PutBucketAcl", "s3:PutBucketLogging",
    "s3:PutBucketObjectLockConfiguration", "s3:PutBucketOwnershipControls", "s3:PutBucketPolicy",
    "s3:PutBucketPublicAccessBlock", "s3:PutBucketVersioning", "s3:PutEncryptionConfiguration",
    "s3:PutLifecycleConfiguration", "s3:PutReplicationConfiguration",
  ]

  common = [
    {
      Sid       = "TlsOnly"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [local.arn, local.objects]
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    },
    {
      Sid       = "NoOldTls"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:*"
      Resource  = [local.arn, local.objects]
      Condition = { NumericLessThan = { "s3:TlsVersion" = "1.2" } }
    },
    {
      Sid       = "OnlyAdministratorsChangeSettings"
      Effect    = "Deny"
      Principal = "*"
      Action    = local.settings
      Resource  = [local.arn]
      Condition = { ArnNotLike = { "aws:PrincipalArn" = var.administrators } }
    },
  ]

  # Who names no encryption gets the bucket's own; who names one must name that.
  encrypted = var.key_arn == null ? [] : [
    {
      Sid       = "NoOtherEncryption"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:PutObject"
      Resource  = [local.objects]
      Condition = {
        Null            = { "s3:x-amz-server-side-encryption" = "false" }
        StringNotEquals = { "s3:x-amz-server-side-encryption" = "aws:kms" }
      }
    },
    {
      Sid       = "NoOtherKey"
      Effect    = "Deny"
      Principal = "*"
      Action    = "s3:PutObject"
      Resource  = [local.objects]
      Condition = {
        Null            = { "s3:x-amz-server-side-encryption-aws-kms-key-id" = "false" }
        StringNotEquals = { "s3:x-amz-server-side-encryption-aws-kms-key-id" = var.key_arn }
      }
    },
  ]
}

resource "aws_s3_bucket" "this" {
  # checkov:skip=CKV_AWS_144:S3 would copy what an order must destroy to where no order reaches it; `archiver replicate` copies content (ADR 0176)
  # checkov:skip=CKV2_AWS_62:Nothing listens to a bucket: who writes a delivery rings a queue
  # checkov:skip=CKV_AWS_18:The bucket of access logs has none itself; all others name one
  # checkov:skip=CKV_AWS_21:A key store and what is on its way must forget what is deleted; archives and copies are versioned
  # checkov:skip=CKV_AWS_145:Access logs are delivered to buckets with S3's own keys alone; all others name a KMS key
  bucket              = var.name
  region              = var.region
  object_lock_enabled = var.lock != null
  force_destroy       = false

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_s3_bucket_versioning" "this" {
  count  = var.versioned ? 1 : 0 # a bucket that never had versions needs no setting for that
  bucket = aws_s3_bucket.this.bucket
  region = var.region
  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_object_lock_configuration" "this" {
  count  = var.lock == null ? 0 : 1
  bucket = aws_s3_bucket.this.bucket
  region = var.region
  rule {
    default_retention {
      mode = upper(var.lock.mode)
      days = var.lock.days
    }
  }
  depends_on = [aws_s3_bucket_versioning.this]
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.bucket
  region = var.region
  rule {
    bucket_key_enabled = var.key_arn != null
    apply_server_side_encryption_by_default {
      sse_algorithm     = var.key_arn == null ? "AES256" : "aws:kms"
      kms_master_key_id = var.key_arn
    }
  }
}

resource "aws_s3_bucket_public_access_block" "this" {
  bucket                  = aws_s3_bucket.this.bucket
  region                  = var.region
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "this" {
  bucket = aws_s3_bucket.this.bucket
  region = var.region
  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_logging" "this" {
  count         = var.logs_bucket == null ? 0 : 1
  bucket        = aws_s3_bucket.this.bucket
  region        = var.region
  target_bucket = var.logs_bucket
  target_prefix = "s3/${var.name}/"
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  bucket = aws_s3_bucket.this.bucket
  region = var.region

  rule {
    id     = "abandoned-uploads"
    status = "Enabled"
    filter {
      prefix = ""
    }
    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  dynamic "rule" {
    for_each = var.expire
    content {
      id     = "end-${rule.key}"
      status = "Enabled"
      filter {
        prefix = rule.key
      }
      expiration {
        days = rule.value
      }
    }
  }

  dynamic "rule" {
    for_each = var.expire_noncurrent
    content {
      id     = "end-replaced-${rule.key}"
      status = "Enabled"
      filter {
        prefix = rule.key
      }
      noncurrent_version_expiration {
        noncurrent_days = rule.value
      }
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}

resource "aws_s3_bucket_policy" "this" {
  bucket = aws_s3_bucket.this.bucket
  region = var.region
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat(local.common, local.encrypted, var.statements)
  })
  depends_on = [aws_s3_bucket_public_access_block.this]
}
