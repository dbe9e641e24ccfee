# Keys at rest. What decides over content is apart from them: the archiver makes a KMS key for
# each due period (archiver/edges/kms.py), and the roles say who may use those.

locals {
  root = "arn:${var.partition}:iam::${var.account_id}:root"

  # Who may use a key is said by the policies of roles; who may end it, here.
  base = [
    {
      Sid       = "PoliciesOfRolesDecide"
      Effect    = "Allow"
      Principal = { AWS = local.root }
      Action    = "kms:*"
      Resource  = "*"
    },
    {
      Sid       = "OnlyAdministratorsEndIt"
      Effect    = "Deny"
      Principal = "*"
      Action    = ["kms:DisableKey", "kms:PutKeyPolicy", "kms:ScheduleKeyDeletion"]
      Resource  = "*"
      Condition = { ArnNotLike = { "aws:PrincipalArn" = var.administrators } }
    },
  ]

  services = [{
    Sid       = "ServicesOfThisAccount"
    Effect    = "Allow"
    Principal = { Service = ["cloudtrail.amazonaws.com", "cloudwatch.amazonaws.com", "events.amazonaws.com", "logs.${var.region}.amazonaws.com"] }
    Action    = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*", "kms:DescribeKey"]
    Resource  = "*"
  }]

  keys = {
    storage  = { region = var.region, what = "archive and deliveries at rest", more = [] }
    replica  = { region = var.replica_region, what = "copies at rest", more = [] }
    keystore = { region = var.region, what = "wrapped keys at rest", more = [] }
    service  = { region = var.region, what = "queues, logs, database, files of Airflow", more = local.services }
  }
}

resource "aws_kms_key" "this" {
  for_each                = local.keys
  region                  = each.value.region
  description             = "Civic Archiver ${var.name}: ${each.value.what}"
  enable_key_rotation     = true
  deletion_window_in_days = var.deletion_days
  policy                  = jsonencode({ Version = "2012-10-17", Statement = concat(local.base, each.value.more) })

  lifecycle {
    prevent_destroy = true
  }
}

resource "aws_kms_alias" "this" {
  for_each      = local.keys
  region        = each.value.region
  name          = "alias/${var.name}-${each.key}"
  target_key_id = aws_kms_key.this[each.key].key_id
}
