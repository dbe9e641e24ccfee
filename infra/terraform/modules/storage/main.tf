# Buckets: the archive, its copy and its ledger's in a second region, deliveries on their way,
# wrapped keys, access logs.

locals {
  role = "arn:${var.partition}:iam::${var.account_id}:role/${var.name}"
  names = {
    archive  = "${var.name}-${var.account_id}-archive"
    replica  = "${var.name}-${var.account_id}-copy"
    ledger   = "${var.name}-${var.account_id}-ledger"
    incoming = "${var.name}-${var.account_id}-incoming"
    keystore = "${var.name}-${var.account_id}-keystore"
    logs     = "${var.name}-${var.account_id}-logs"
  }
  arns = { for what, name in local.names : what => "arn:${var.partition}:s3:::${name}" }

  # Prefixes are those of archiver/layout.py; tests/infra holds the two against each other.
  below   = { for what, arn in local.arns : what => "${arn}/${var.prefix}" }
  content = "u"
  ledger  = ["archive.json", "log/*", "sets/*"]
  # What is swapped and collected (docs/locks.md): its older versions may end by themselves.
  passing = ["log/head", "log/checkpoint", "log/pending/", "log/staging/", "log/refused/", ".probe/"]
}

module "logs" {
  source         = "./bucket"
  name           = local.names.logs
  region         = var.region
  partition      = var.partition
  administrators = var.administrators
  lock           = { mode = "governance", days = 90 }
  expire         = { "s3/" = 400 }
  statements = concat(local.log_delivery, [{
    Sid       = "NobodyPassesLocks"
    Effect    = "Deny"
    Principal = "*"
    Action    = ["s3:BypassGovernanceRetention"]
    Resource  = ["${local.arns.logs}/*"]
  }])
}

module "archive" {
  source            = "./bucket"
  name              = local.names.archive
  region            = var.region
  partition         = var.partition
  key_arn           = var.keys.storage
  lock              = { mode = var.locks, days = var.lock_days }
  logs_bucket       = module.logs.name
  administrators    = var.administrators
  expire_noncurrent = { for one in local.passing : "${var.prefix}/${one}" => 30 }
  statements        = local.guard.archive
}

# A copy that `archiver replicate` keeps: an order to destroy reaches it, too.
module "replica" {
  source            = "./bucket"
  name              = local.names.replica
  region            = var.replica_region
  partition         = var.partition
  key_arn           = var.keys.replica
  lock              = { mode = var.locks, days = var.lock_days }
  administrators    = var.administrators
  expire_noncurrent = { for one in local.passing : "${var.prefix}/${one}" => 30 }
  statements        = local.guard.replica
}

# The ledger alone is copied by S3 itself: it has no content, and no order is ever about it.
module "ledger" {
  source         = "./bucket"
  name           = local.names.ledger
  region         = var.replica_region
  partition      = var.partition
  key_arn        = var.keys.replica
  lock           = { mode = var.locks, days = 90 }
  administrators = var.administrators
  statements     = local.guard.ledger
}

# Deliveries on their way. What the receiver has taken is deleted at once, and must not live on
# as a version that no order would reach.
module "incoming" {
  source         = "./bucket"
  name           = local.names.incoming
  region         = var.region
  partition      = var.partition
  key_arn        = var.keys.storage
  versioned      = false
  logs_bucket    = module.logs.name
  administrators = var.administrators
  expire         = { "refused/" = var.refused_days }
  statements     = local.create_only
}

# Wrapped keys: a bucket that keeps versions takes none (docs/adr/0060).
module "keystore" {
  source         = "./bucket"
  name           = local.names.keystore
  region         = var.region
  partition      = var.partition
  key_arn        = var.keys.keystore
  versioned      = false
  logs_bucket    = module.logs.name
  administrators = var.administrators
}

resource "aws_s3_bucket_replication_configuration" "ledger" {
  bucket = module.archive.name
  region = var.region
  role   = aws_iam_role.replication.arn

  rule {
    id       = "ledger"
    status   = "Enabled"
    priority = 1
    filter {
      prefix = "${var.prefix}/log/"
    }
    delete_marker_replication {
      status = "Disabled"
    }
    source_selection_criteria {
      sse_kms_encrypted_objects {
        status = "Enabled"
      }
    }
    destination {
      bucket        = local.arns.ledger
      storage_class = "STANDARD_IA"
      encryption_configuration {
        replica_kms_key_id = var.keys.replica
      }
      metrics {
        status = "Enabled"
        event_threshold {
          minutes = 15
        }
      }
      replication_time {
        status = "Enabled"
        time {
          minutes = 15
        }
      }
    }
  }
  depends_on = [module.archive, module.ledger]
}

resource "aws_iam_role" "replication" {
  name = "${var.name}-replication"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "s3.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
    }]
  })
}

resource "aws_iam_role_policy" "replication" {
  name = "replicate-ledger"
  role = aws_iam_role.replication.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["s3:GetReplicationConfiguration", "s3:ListBucket"]
        Resource = [local.arns.archive]
      },
      {
        Effect = "Allow"
        Action = [
          "s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl",
          "s3:GetObjectVersionTagging", "s3:GetObjectRetention", "s3:GetObjectLegalHold",
        ]
        Resource = ["${local.below.archive}/log/*"]
      },
      {
        Effect   = "Allow"
        Action   = ["s3:ReplicateObject", "s3:ReplicateTags"]
        Resource = ["${local.below.ledger}/log/*"]
      },
      {
        Effect    = "Allow"
        Action    = ["kms:Decrypt"]
        Resource  = [var.keys.storage]
        Condition = { StringEquals = { "kms:ViaService" = "s3.${var.region}.amazonaws.com" } }
      },
      {
        Effect    = "Allow"
        Action    = ["kms:Encrypt", "kms:GenerateDataKey"]
        Resource  = [var.keys.replica]
        Condition = { StringEquals = { "kms:ViaService" = "s3.${var.replica_region}.amazonaws.com" } }
      },
    ]
  })
}
