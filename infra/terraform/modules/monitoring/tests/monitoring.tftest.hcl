mock_provider "aws" {
  override_during = plan
}

variables {
  name       = "elgin-il"
  account_id = "111122223333"
  region     = "us-east-2"
  key_arn    = "arn:aws:kms:us-east-2:111122223333:key/service"
  recipients = ["records@example.gov"]
  log_groups = { airflow = "/a", receiver = "/r", jobs = "/j" }
  queues = {
    doorbell = { name = "elgin-il-doorbell", dead = "elgin-il-doorbell-dead" }
    celery   = { name = "elgin-il-celery", dead = "elgin-il-celery-dead" }
  }
  buckets  = { archive = "a-archive", ledger = "a-ledger", logs = "a-logs" }
  function = "elgin-il-accept"
  database = "elgin-il-airflow"
  budget   = 500
}

run "alarms" {
  command = plan

  assert {
    condition = length(setsubtract([
      "dead-doorbell", "dead-celery", "doorbell-age", "intake-errors", "captured", "locked", "locks-failed",
      "verify-failed", "history-differs", "replication-failed", "replication-late",
    ], keys(aws_cloudwatch_metric_alarm.this))) == 0
    error_message = "a class of failure has no alarm"
  }

  assert {
    condition     = toset(keys(aws_cloudwatch_event_rule.this)) == toset(["root-login", "key-end", "settings", "trail"])
    error_message = "an event that somebody must hear of has no rule"
  }

  assert {
    condition     = alltrue([for what in ["captured", "locked"] : aws_cloudwatch_metric_alarm.this[what].treat_missing_data == "breaching" && aws_cloudwatch_metric_alarm.this[what].comparison_operator == "LessThanThreshold"])
    error_message = "silence would be taken for well-being"
  }

  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.this : alarm.period <= 86400])
    error_message = "CloudWatch takes no longer period than a day"
  }

  assert {
    condition     = alltrue([for filter in aws_cloudwatch_log_metric_filter.said : length(filter.pattern) <= 1024])
    error_message = "CloudWatch takes no longer pattern"
  }
}

run "somebody_hears" {
  command = plan
  variables {
    recipients = []
  }
  expect_failures = [var.recipients]
}

run "a_budget" {
  command = plan
  variables {
    budget = 0
  }
  expect_failures = [var.budget]
}
