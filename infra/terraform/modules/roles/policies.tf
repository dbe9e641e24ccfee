# What each role may do. Sids that two parts share are kept once.

locals {
  statements = {
    capture = [
      {
        Sid       = "StoreDeliveries"
        Effect    = "Allow"
        Action    = ["s3:PutObject"]
        Resource  = ["${local.income}/new/*"]
        Condition = { Null = { "s3:if-none-match" = "false" } }
      },
      {
        Sid       = "DeliveriesAtRest"
        Effect    = "Allow"
        Action    = ["kms:GenerateDataKey"]
        Resource  = [var.keys.storage]
        Condition = local.via_s3
      },
      {
        Sid      = "Ring"
        Effect   = "Allow"
        Action   = ["sqs:SendMessage"]
        Resource = [var.doorbell_arn]
      },
      {
        # SQS asks for both of whoever sends to an encrypted queue.
        Sid       = "RingAtRest"
        Effect    = "Allow"
        Action    = ["kms:GenerateDataKey", "kms:Decrypt"]
        Resource  = [var.keys.service]
        Condition = { StringEquals = { "kms:ViaService" = "sqs.${var.region}.amazonaws.com" } }
      },
      {
        Sid      = "CreatesOnly"
        Effect   = "Deny"
        Action   = ["s3:Get*", "s3:List*", "s3:Delete*", "s3:PutObjectRetention", "s3:PutObjectLegalHold"]
        Resource = ["*"]
      },
      {
        Sid      = "OpensNothing"
        Effect   = "Deny"
        Action   = ["kms:Decrypt"]
        Resource = [var.keys.storage, var.keys.keystore, var.keys.replica]
      },
    ]

    settle   = local.settle
    seal     = local.seal
    read     = concat(local.read, local.open)
    worker   = local.worker
    receiver = concat(local.worker, local.receive)

    # `archiver lock`: moves locks on, sets holds as the ledger has them.
    hold = concat(local.read, local.open, [
      {
        Sid    = "Lock"
        Effect = "Allow"
        Action = [
          "s3:PutObjectRetention", "s3:GetObjectRetention", "s3:PutObjectLegalHold",
          "s3:GetObjectLegalHold", "s3:GetObjectVersion",
        ]
        Resource = ["${local.here}/*", "${local.copy}/*"]
      },
      {
        Sid       = "ListCopy"
        Effect    = "Allow"
        Action    = ["s3:ListBucket", "s3:ListBucketVersions"]
        Resource  = [local.replica]
        Condition = { StringLike = { "s3:prefix" = ["${var.prefix}/*"] } }
      },
      {
        Sid      = "ReadCopy"
        Effect   = "Allow"
        Action   = ["s3:GetObject"]
        Resource = ["${local.copy}/*"]
      },
      {
        Sid       = "ReadCopyAtRest"
        Effect    = "Allow"
        Action    = ["kms:Decrypt"]
        Resource  = [var.keys.replica]
        Condition = local.via_s3_copy
      },
      {
        Sid      = "DestroysNothing"
        Effect   = "Deny"
        Action   = ["s3:Delete*", "s3:PutObject"]
        Resource = ["*"]
      },
    ])

    # Carries orders out: writes to the ledger what it does, and lets `purge` do it.
    executor = concat(local.worker, [
      {
        Sid      = "Purge"
        Effect   = "Allow"
        Action   = ["sts:AssumeRole", "sts:TagSession"]
        Resource = ["${local.iam}:role/${var.name}-purge"]
      },
      {
        Sid      = "EndPeriods"
        Effect   = "Allow"
        Action   = ["kms:DescribeKey", "kms:ScheduleKeyDeletion"]
        Resource = [local.due_keys]
        Condition = merge(local.of_due, {
          NumericGreaterThanEquals = { "kms:ScheduleKeyDeletionPendingWindowInDays" = "7" }
        })
      },
    ])

    # A session is for the one unit it is tagged with, and reads nothing.
    purge = [
      {
        Sid       = "FindVersions"
        Effect    = "Allow"
        Action    = ["s3:ListBucketVersions"]
        Resource  = [local.archive, local.replica]
        Condition = { StringLike = { "s3:prefix" = ["${var.prefix}/u/$${aws:PrincipalTag/unit}/*"] } }
      },
      {
        Sid       = "DestroyUnit"
        Effect    = "Allow"
        Action    = ["s3:DeleteObject", "s3:DeleteObjectVersion"]
        Resource  = [for one in [local.here, local.copy] : "${one}/u/$${aws:PrincipalTag/unit}/*"]
        Condition = { Null = { "aws:PrincipalTag/unit" = "false" } }
      },
      {
        Sid      = "NeverTheLedger"
        Effect   = "Deny"
        Action   = ["s3:*"]
        Resource = local.ledgers
      },
      {
        Sid      = "DestroysOnly"
        Effect   = "Deny"
        Action   = ["s3:Get*", "s3:PutObject*", "kms:*"]
        Resource = ["*"]
      },
    ]

    # Lists and reads what is stored: of private streams that is ciphertext.
    audit = [
      {
        Sid    = "ReadStored"
        Effect = "Allow"
        Action = [
          "s3:GetObject", "s3:GetObjectVersion", "s3:GetObjectAttributes", "s3:GetObjectRetention",
          "s3:GetObjectLegalHold",
        ]
        Resource = ["${local.here}/*", "${local.copy}/*"]
      },
      {
        Sid    = "ListStored"
        Effect = "Allow"
        Action = [
          "s3:ListBucket", "s3:ListBucketVersions", "s3:GetBucketObjectLockConfiguration",
          "s3:GetBucketPolicy", "s3:GetBucketVersioning", "s3:GetReplicationConfiguration",
        ]
        Resource = [local.archive, local.replica]
      },
      {
        # The disks' encryption, through S3 alone; no key that content is encrypted with.
        Sid      = "StoredAtRest"
        Effect   = "Allow"
        Action   = ["kms:Decrypt"]
        Resource = [var.keys.storage, var.keys.replica]
        Condition = { StringEquals = { "kms:ViaService" = [
          "s3.${var.region}.amazonaws.com", "s3.${var.replica_region}.amazonaws.com",
        ] } }
      },
      {
        Sid         = "OpensNothing"
        Effect      = "Deny"
        Action      = ["kms:*"]
        NotResource = [var.keys.storage, var.keys.replica]
      },
      {
        Sid      = "NoWraps"
        Effect   = "Deny"
        Action   = ["s3:*"]
        Resource = [local.wraps, "${local.wraps}/*"]
      },
    ]
  }

  services = {
    capture  = "lambda.amazonaws.com"
    settle   = "ecs-tasks.amazonaws.com"
    seal     = "ecs-tasks.amazonaws.com"
    worker   = "ecs-tasks.amazonaws.com"
    receiver = "ecs-tasks.amazonaws.com"
    hold     = "ecs-tasks.amazonaws.com"
    executor = "ecs-tasks.amazonaws.com"
  }
  people = { read = var.readers, audit = var.auditors }

  trust = merge(
    {
      for role, service in local.services : role => [{
        Effect    = "Allow"
        Principal = { Service = service }
        Action    = "sts:AssumeRole"
        Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
      }] if role != "capture"
    },
    {
      # Lambda says no source account when it takes a role.
      capture = [{
        Effect    = "Allow"
        Principal = { Service = local.services.capture }
        Action    = "sts:AssumeRole"
      }]
      purge = [{
        Effect    = "Allow"
        Principal = { AWS = "${local.iam}:root" }
        Action    = ["sts:AssumeRole", "sts:TagSession"]
        Condition = {
          ArnEquals                   = { "aws:PrincipalArn" = "${local.iam}:role/${var.name}-executor" }
          Null                        = { "aws:RequestTag/unit" = "false" }
          "ForAllValues:StringEquals" = { "aws:TagKeys" = ["unit"] }
        }
      }]
    },
    {
      for role, who in local.people : role => [{
        Effect    = "Allow"
        Principal = { AWS = length(who) > 0 ? who : ["${local.iam}:root"] }
        Action    = "sts:AssumeRole"
        Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }
      }]
    },
  )
}

resource "aws_iam_role" "this" {
  for_each             = local.statements
  name                 = "${var.name}-${each.key}"
  max_session_duration = 3600
  assume_role_policy   = jsonencode({ Version = "2012-10-17", Statement = local.trust[each.key] })
}

resource "aws_iam_role_policy" "this" {
  # checkov:skip=CKV_AWS_290:kms:CreateKey alone has no resource: a key has no name before it is made; `Never` and the policies of buckets bound the rest
  # checkov:skip=CKV_AWS_355:the same; and statements on "*" that refuse
  for_each = local.statements
  name     = each.key
  role     = aws_iam_role.this[each.key].name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = concat([
      for sid in sort(distinct([for one in each.value : one.Sid])) :
      [for one in each.value : one if one.Sid == sid][0]
    ], [local.never])
  })
}
