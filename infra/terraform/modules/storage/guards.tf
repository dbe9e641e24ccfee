# What the bucket policies refuse to everybody, whatever their own policies allow.

locals {
  # What IAM resources are called in a bucket that holds an archive.
  guard = {
    for what in ["archive", "replica", "ledger"] : what => [
      {
        Sid       = "NobodyPassesLocks"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["s3:BypassGovernanceRetention"]
        Resource  = ["${local.arns[what]}/*"]
      },
      {
        Sid       = "NobodyDestroysLedger"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["s3:DeleteObjectVersion"]
        Resource  = [for one in local.ledger : "${local.below[what]}/${one}"]
      },
      {
        Sid       = "OnlyOrdersDestroy"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["s3:DeleteObjectVersion"]
        Resource  = ["${local.below[what]}/${local.content}/*"]
        Condition = { ArnNotEquals = { "aws:PrincipalArn" = ["${local.role}-purge"] } }
      },
      {
        Sid       = "OnlyHoldsLock"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["s3:PutObjectLegalHold", "s3:PutObjectRetention"]
        Resource  = [for one in concat(["${local.content}/*"], local.ledger) : "${local.below[what]}/${one}"]
        Condition = { ArnNotEquals = { "aws:PrincipalArn" = ["${local.role}-hold"] } }
      },
      {
        # `archiver lock` asks for 90 days or more; a week of it may be over (docs/locks.md).
        Sid       = "NoShortLocks"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["s3:PutObjectRetention"]
        Resource  = [for one in concat(["${local.content}/*"], local.ledger) : "${local.below[what]}/${one}"]
        Condition = { NumericLessThan = { "s3:object-lock-remaining-retention-days" = "82" } }
      },
      {
        # What may lawfully go waits for at most 90 days: nobody locks content for longer.
        Sid       = "NoLongLocksOnContent"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["s3:PutObjectRetention"]
        Resource  = ["${local.below[what]}/${local.content}/*"]
        Condition = { NumericGreaterThan = { "s3:object-lock-remaining-retention-days" = "91" } }
      },
    ]
  }

  create_only = [
    {
      # A delivery is written once: `If-None-Match: *`.
      Sid       = "NothingIsOverwritten"
      Effect    = "Deny"
      Principal = "*"
      Action    = ["s3:PutObject"]
      Resource  = ["${local.arns.incoming}/*"]
      Condition = { Null = { "s3:if-none-match" = "true" } }
    },
  ]

  log_delivery = [
    {
      Sid       = "AccessLogs"
      Effect    = "Allow"
      Principal = { Service = "logging.s3.amazonaws.com" }
      Action    = ["s3:PutObject"]
      Resource  = ["${local.arns.logs}/s3/*"]
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
    },
    {
      Sid       = "TrailLooks"
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = ["s3:GetBucketAcl"]
      Resource  = [local.arns.logs]
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
    },
    {
      Sid       = "TrailWrites"
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = ["s3:PutObject"]
      Resource  = ["${local.arns.logs}/trail/*"]
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
    },
  ]
}
