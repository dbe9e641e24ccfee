# Queues: the doorbell of deliveries, and Celery's tasks; each with one for what nobody could do.
# A message is a hint, never the delivery itself: that is in the bucket before anybody rings.

locals {
  queues = {
    doorbell = { visible_after = 120, kept = 4 * 86400 }
    celery   = { visible_after = 6 * 3600, kept = 14 * 86400 } # longer than any task takes
  }
}

resource "aws_sqs_queue" "dead" {
  for_each                          = local.queues
  region                            = var.region
  name                              = "${var.name}-${each.key}-dead"
  kms_master_key_id                 = var.key_arn
  kms_data_key_reuse_period_seconds = 3600
  message_retention_seconds         = 14 * 86400
}

resource "aws_sqs_queue" "this" {
  for_each                          = local.queues
  region                            = var.region
  name                              = "${var.name}-${each.key}"
  kms_master_key_id                 = var.key_arn
  kms_data_key_reuse_period_seconds = 3600
  visibility_timeout_seconds        = each.value.visible_after
  message_retention_seconds         = each.value.kept
  receive_wait_time_seconds         = 20
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead[each.key].arn
    maxReceiveCount     = var.attempts
  })
}

resource "aws_sqs_queue_redrive_allow_policy" "dead" {
  for_each  = local.queues
  region    = var.region
  queue_url = aws_sqs_queue.dead[each.key].url
  redrive_allow_policy = jsonencode({
    redrivePermission = "byQueue"
    sourceQueueArns   = [aws_sqs_queue.this[each.key].arn]
  })
}

resource "aws_sqs_queue_policy" "this" {
  for_each  = local.queues
  region    = var.region
  queue_url = aws_sqs_queue.this[each.key].url
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "TlsOnly"
      Effect    = "Deny"
      Principal = "*"
      Action    = "sqs:*"
      Resource  = aws_sqs_queue.this[each.key].arn
      Condition = { Bool = { "aws:SecureTransport" = "false" } }
    }]
  })
}
