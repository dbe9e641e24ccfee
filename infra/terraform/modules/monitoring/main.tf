# Who is told of what. Each alarm names what it means; docs/deploy-aws.md says what to do.

locals {
  # Words of logs that stand for a class of failure: the archiver's codes of errors and findings
  # (docs/reference/errors.md, findings.md). A test holds them against the code.
  said = jsondecode(file("${path.module}/said.json"))

  events = {
    root-login = {
      means   = "somebody logged in as root"
      pattern = { detail-type = ["AWS Console Sign In via CloudTrail"], detail = { userIdentity = { type = ["Root"] } } }
    }
    key-end = {
      means = "the end of a key was ordered, or it was disabled: an order in the ledger must name why"
      pattern = { source = ["aws.kms"], detail-type = ["AWS API Call via CloudTrail"], detail = {
        eventName = ["ScheduleKeyDeletion", "DisableKey", "PutKeyPolicy", "DeleteImportedKeyMaterial"]
      } }
    }
    settings = {
      means = "settings of a bucket, or rights of a role were changed"
      pattern = { source = ["aws.s3", "aws.iam"], detail-type = ["AWS API Call via CloudTrail"], detail = {
        eventName = [
          "DeleteBucketPolicy", "PutBucketPolicy", "PutBucketVersioning", "PutBucketLifecycle", "PutBucketObjectLockConfiguration",
          "PutBucketReplication", "DeleteBucketReplication", "PutRolePolicy", "AttachRolePolicy", "UpdateAssumeRolePolicy",
        ]
      } }
    }
    trail = {
      means = "somebody stopped or changed the trail"
      pattern = { source = ["aws.cloudtrail"], detail-type = ["AWS API Call via CloudTrail"], detail = {
        eventName = ["StopLogging", "DeleteTrail", "UpdateTrail", "PutEventSelectors"]
      } }
    }
  }

  metrics = merge(
    { for what, queue in var.queues : "dead-${what}" => {
      means      = "a message could not be done, again and again (${what})"
      namespace  = "AWS/SQS", metric = "ApproximateNumberOfMessagesVisible", statistic = "Maximum"
      dimensions = { QueueName = queue.dead }, above = 0, period = 300, absent = "notBreaching"
    } },
    {
      doorbell-age = {
        means      = "deliveries are stored and nobody takes them"
        namespace  = "AWS/SQS", metric = "ApproximateAgeOfOldestMessage", statistic = "Maximum"
        dimensions = { QueueName = var.queues["doorbell"].name }, above = 900, period = 300, absent = "notBreaching"
      }
      intake-errors = {
        means      = "the function that stores deliveries fails"
        namespace  = "AWS/Lambda", metric = "Errors", statistic = "Sum"
        dimensions = { FunctionName = var.function }, above = 0, period = 300, absent = "notBreaching"
      }
      intake-throttled = {
        means      = "deliveries are refused for their number"
        namespace  = "AWS/Lambda", metric = "Throttles", statistic = "Sum"
        dimensions = { FunctionName = var.function }, above = 0, period = 300, absent = "notBreaching"
      }
      replication-failed = {
        means      = "S3 did not copy a part of the ledger to the second region"
        namespace  = "AWS/S3", metric = "OperationsFailedReplication", statistic = "Sum"
        dimensions = { SourceBucket = var.buckets.archive, DestinationBucket = var.buckets.ledger, RuleId = "ledger" }
        above      = 0, period = 300, absent = "notBreaching"
      }
      replication-late = {
        means      = "the ledger's copy in the second region is more than half an hour behind"
        namespace  = "AWS/S3", metric = "ReplicationLatency", statistic = "Maximum"
        dimensions = { SourceBucket = var.buckets.archive, DestinationBucket = var.buckets.ledger, RuleId = "ledger" }
        above      = 1800, period = 300, absent = "notBreaching"
      }
      database-full = {
        means      = "Airflow's database has less than 5 GB left"
        namespace  = "AWS/RDS", metric = "FreeStorageSpace", statistic = "Minimum"
        dimensions = { DBInstanceIdentifier = var.database }, below = 5000000000, period = 300, absent = "breaching"
      }
    },
    { for what, one in local.said : what => {
      means      = one.means
      namespace  = "CivicArchiver/${var.name}", metric = what, statistic = "Sum"
      dimensions = {}, above = 0, period = 300, absent = "notBreaching"
    } if one.alarm == "any" },
    { for what, one in local.said : what => {
      means      = one.means
      namespace  = "CivicArchiver/${var.name}", metric = what, statistic = "Sum"
      dimensions = {}, below = 1, period = 3600 * (what == "captured" ? var.lag_hours : 24), absent = "breaching"
    } if one.alarm == "none" },
  )
}

resource "aws_sns_topic" "told" {
  region            = var.region
  name              = "${var.name}-told"
  kms_master_key_id = var.key_arn
}

resource "aws_sns_topic_policy" "told" {
  region = var.region
  arn    = aws_sns_topic.told.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "AlarmsOfThisAccount"
      Effect    = "Allow"
      Principal = { Service = ["budgets.amazonaws.com", "cloudwatch.amazonaws.com", "events.amazonaws.com"] }
      Action    = "sns:Publish"
      Resource  = aws_sns_topic.told.arn
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
    }]
  })
}

resource "aws_sns_topic_subscription" "mail" {
  for_each  = var.recipients
  region    = var.region
  topic_arn = aws_sns_topic.told.arn
  protocol  = "email"
  endpoint  = each.key
}

resource "aws_cloudwatch_log_metric_filter" "said" {
  for_each       = { for pair in setproduct(keys(local.said), keys(var.log_groups)) : "${pair[0]}-${pair[1]}" => { what = pair[0], group = pair[1] } }
  region         = var.region
  name           = "${var.name}-${each.key}"
  log_group_name = var.log_groups[each.value.group]
  pattern        = join(" ", [for word in local.said[each.value.what].words : "?\"${word}\""])
  metric_transformation {
    name      = each.value.what
    namespace = "CivicArchiver/${var.name}"
    value     = "1"
  }
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each            = local.metrics
  region              = var.region
  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = each.value.means
  namespace           = each.value.namespace
  metric_name         = each.value.metric
  statistic           = each.value.statistic
  dimensions          = each.value.dimensions
  period              = each.value.period
  evaluation_periods  = 1
  comparison_operator = can(each.value.below) ? "LessThanThreshold" : "GreaterThanThreshold"
  threshold           = try(each.value.below, each.value.above)
  treat_missing_data  = each.value.absent
  alarm_actions       = [aws_sns_topic.told.arn]
  ok_actions          = [aws_sns_topic.told.arn]
}

resource "aws_cloudwatch_event_rule" "this" {
  for_each      = local.events
  region        = var.region
  name          = "${var.name}-${each.key}"
  description   = each.value.means
  event_pattern = jsonencode(each.value.pattern)
}

resource "aws_cloudwatch_event_target" "told" {
  for_each = local.events
  region   = var.region
  rule     = aws_cloudwatch_event_rule.this[each.key].name
  arn      = aws_sns_topic.told.arn
}

# Who called AWS for what, and who read or removed which object of the archive.
resource "aws_cloudtrail" "this" {
  # checkov:skip=CKV2_AWS_10:Alarms hear the trail by EventBridge, without a second copy of it
  region                        = var.region
  name                          = var.name
  s3_bucket_name                = var.buckets.logs
  s3_key_prefix                 = "trail"
  kms_key_id                    = var.key_arn
  is_multi_region_trail         = true
  include_global_service_events = true
  enable_log_file_validation    = true
  sns_topic_name                = aws_sns_topic.trail.name
  event_selector {
    read_write_type           = "All"
    include_management_events = true
    data_resource {
      type   = "AWS::S3::Object"
      values = ["arn:${var.partition}:s3:::${var.buckets.archive}/"]
    }
  }
  depends_on = [aws_sns_topic_policy.trail]
}

resource "aws_sns_topic" "trail" {
  region            = var.region
  name              = "${var.name}-trail"
  kms_master_key_id = var.key_arn
}

resource "aws_sns_topic_policy" "trail" {
  region = var.region
  arn    = aws_sns_topic.trail.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "TrailTells"
      Effect    = "Allow"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Action    = "sns:Publish"
      Resource  = aws_sns_topic.trail.arn
      Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
    }]
  })
}

resource "aws_budgets_budget" "this" {
  name         = var.name
  budget_type  = "COST"
  limit_amount = tostring(var.budget)
  limit_unit   = "USD"
  time_unit    = "MONTHLY"
  dynamic "notification" {
    for_each = { ACTUAL = 80, FORECASTED = 100 }
    content {
      comparison_operator        = "GREATER_THAN"
      threshold                  = notification.value
      threshold_type             = "PERCENTAGE"
      notification_type          = notification.key
      subscriber_email_addresses = var.recipients
    }
  }
}
