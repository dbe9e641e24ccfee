# Roles, each with what its part of the code asks of AWS (archiver/edges/s3*.py, kms.py,
# bucketkeys.py) and nothing else. Today one process settles and seals: its role is `worker`;
# `settle` and `seal` are the two halves of it.

locals {
  iam     = "arn:${var.partition}:iam::${var.account_id}"
  archive = "arn:${var.partition}:s3:::${var.buckets.archive}"
  replica = "arn:${var.partition}:s3:::${var.buckets.replica}"
  income  = "arn:${var.partition}:s3:::${var.buckets.incoming}"
  wraps   = "arn:${var.partition}:s3:::${var.buckets.keystore}"
  here    = "${local.archive}/${var.prefix}"
  copy    = "${local.replica}/${var.prefix}"
  ledger  = [for one in ["archive.json", "log/*", "sets/*"] : "${local.here}/${one}"]
  ledgers = concat(local.ledger, [for one in ["archive.json", "log/*", "sets/*"] : "${local.copy}/${one}"])

  via_s3      = { StringEquals = { "kms:ViaService" = "s3.${var.region}.amazonaws.com" } }
  via_s3_copy = { StringEquals = { "kms:ViaService" = "s3.${var.replica_region}.amazonaws.com" } }
  due_keys    = "arn:${var.partition}:kms:${var.region}:${var.account_id}:key/*"
  due_aliases = "alias/civic-archive/${var.archive_id}/*"
  of_due      = { "ForAnyValue:StringLike" = { "kms:ResourceAliases" = local.due_aliases } }
  of_archive  = { StringEquals = { "kms:EncryptionContext:civic-archive" = var.archive_id } }
  at_rest     = [var.keys.storage, var.keys.keystore]

  read = [
    {
      Sid      = "ReadArchive"
      Effect   = "Allow"
      Action   = ["s3:GetObject"]
      Resource = ["${local.here}/*"]
    },
    {
      Sid       = "ListArchive"
      Effect    = "Allow"
      Action    = ["s3:ListBucket", "s3:ListBucketVersions"]
      Resource  = [local.archive]
      Condition = { StringLike = { "s3:prefix" = ["${var.prefix}/*"] } }
    },
    {
      Sid       = "ReadAtRest"
      Effect    = "Allow"
      Action    = ["kms:Decrypt"]
      Resource  = [var.keys.storage]
      Condition = local.via_s3
    },
  ]

  open = [
    {
      Sid      = "ReadWraps"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:ListBucket", "s3:ListBucketVersions"]
      Resource = [local.wraps, "${local.wraps}/*"]
    },
    {
      Sid       = "WrapsAtRest"
      Effect    = "Allow"
      Action    = ["kms:Decrypt"]
      Resource  = [var.keys.keystore]
      Condition = local.via_s3
    },
    {
      Sid       = "OpenPeriods"
      Effect    = "Allow"
      Action    = ["kms:Decrypt"]
      Resource  = [local.due_keys]
      Condition = merge(local.of_due, local.of_archive)
    },
  ]

  settle = concat(local.read, local.open, [
    {
      Sid      = "StoreSegments"
      Effect   = "Allow"
      Action   = ["s3:PutObject"]
      Resource = [for one in ["u/*", "sets/*", "log/pending/*", "log/refused/*"] : "${local.here}/${one}"]
    },
    {
      # A marker: it hides what a refused batch left, and destroys nothing.
      Sid      = "TakeBack"
      Effect   = "Allow"
      Action   = ["s3:DeleteObject"]
      Resource = [for one in ["u/*", "log/pending/*", "log/refused/*"] : "${local.here}/${one}"]
    },
    {
      Sid       = "WriteAtRest"
      Effect    = "Allow"
      Action    = ["kms:GenerateDataKey"]
      Resource  = local.at_rest
      Condition = local.via_s3
    },
    {
      Sid      = "KeepWraps"
      Effect   = "Allow"
      Action   = ["s3:PutObject", "s3:DeleteObject", "s3:DeleteObjectVersion"]
      Resource = ["${local.wraps}/*"]
    },
    {
      Sid       = "SealPeriods"
      Effect    = "Allow"
      Action    = ["kms:Encrypt"]
      Resource  = [local.due_keys]
      Condition = merge(local.of_due, local.of_archive)
    },
    {
      Sid      = "MakePeriods"
      Effect   = "Allow"
      Action   = ["kms:CreateKey"]
      Resource = ["*"] # a key has no name before it is made
    },
    {
      Sid      = "NamePeriods"
      Effect   = "Allow"
      Action   = ["kms:CreateAlias"]
      Resource = [local.due_keys, "arn:${var.partition}:kms:${var.region}:${var.account_id}:${local.due_aliases}"]
    },
  ])

  seal = concat(local.read, [
    {
      Sid    = "WriteLedger"
      Effect = "Allow"
      Action = ["s3:PutObject"]
      Resource = [
        for one in [
          "archive.json", "log/head", "log/checkpoint", "log/staging/*", "log/tile/*",
          "log/checkpoints/*", "log/anchors/*", "log/refused/*",
        ] : "${local.here}/${one}"
      ]
    },
    {
      Sid      = "Collect"
      Effect   = "Allow"
      Action   = ["s3:DeleteObject"]
      Resource = [for one in ["log/pending/*", "log/refused/*", "log/staging/*", "log/tile/*.p/*"] : "${local.here}/${one}"]
    },
    {
      Sid       = "LedgerAtRest"
      Effect    = "Allow"
      Action    = ["kms:GenerateDataKey"]
      Resource  = [var.keys.storage]
      Condition = local.via_s3
    },
  ])

  # `archiver doctor` tries what the bucket enforces, on objects of its own.
  doctor = [{
    Sid    = "Try"
    Effect = "Allow"
    Action = [
      "s3:PutObject", "s3:GetObject", "s3:GetObjectVersion", "s3:DeleteObject", "s3:DeleteObjectVersion",
      "s3:PutObjectRetention", "s3:GetObjectRetention", "s3:PutObjectLegalHold", "s3:GetObjectLegalHold",
    ]
    Resource = ["${local.here}/.probe/*"]
  }]

  replicate = [
    {
      Sid       = "ListCopy"
      Effect    = "Allow"
      Action    = ["s3:ListBucket", "s3:ListBucketVersions"]
      Resource  = [local.replica]
      Condition = { StringLike = { "s3:prefix" = ["${var.prefix}/*"] } }
    },
    {
      Sid      = "KeepCopy"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
      Resource = ["${local.copy}/*"]
    },
    {
      Sid       = "CopyAtRest"
      Effect    = "Allow"
      Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
      Resource  = [var.keys.replica]
      Condition = local.via_s3_copy
    },
  ]

  # What the receiver does beside: take deliveries from the bucket.
  receive = [
    {
      Sid      = "TakeDeliveries"
      Effect   = "Allow"
      Action   = ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"]
      Resource = ["${local.income}/*"]
    },
    {
      Sid      = "ListDeliveries"
      Effect   = "Allow"
      Action   = ["s3:ListBucket"]
      Resource = [local.income]
    },
    {
      Sid      = "Hear"
      Effect   = "Allow"
      Action   = ["sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility"]
      Resource = [var.doorbell_arn]
    },
    {
      Sid       = "HearAtRest"
      Effect    = "Allow"
      Action    = ["kms:Decrypt"]
      Resource  = [var.keys.service]
      Condition = { StringEquals = { "kms:ViaService" = "sqs.${var.region}.amazonaws.com" } }
    },
  ]

  worker = concat(local.settle, local.seal, local.doctor, local.replicate)

  never = {
    Sid      = "Never"
    Effect   = "Deny"
    Action   = ["s3:BypassGovernanceRetention", "s3:PutBucket*", "s3:DeleteBucket*", "kms:PutKeyPolicy", "kms:DisableKey"]
    Resource = ["*"]
  }
}
