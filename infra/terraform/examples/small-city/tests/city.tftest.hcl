mock_provider "aws" {
  override_during = plan
  mock_resource "aws_iam_role" {
    override_during = plan
    defaults        = { arn = "arn:aws:iam::111122223333:role/mocked" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    override_during = plan
    defaults        = { arn = "arn:aws:logs:us-east-2:111122223333:log-group:mocked" }
  }
  mock_resource "aws_secretsmanager_secret" {
    override_during = plan
    defaults        = { arn = "arn:aws:secretsmanager:us-east-2:111122223333:secret:mocked" }
  }
  mock_resource "aws_sqs_queue" {
    override_during = plan
    defaults        = { arn = "arn:aws:sqs:us-east-2:111122223333:mocked", url = "https://sqs.us-east-2.amazonaws.com/111122223333/mocked" }
  }
  mock_resource "aws_db_instance" {
    override_during = plan
    defaults        = { address = "airflow.internal", master_user_secret = [{ secret_arn = "arn:aws:secretsmanager:us-east-2:111122223333:secret:rds" }] }
  }
}

override_resource {
  target          = module.keys.aws_kms_key.this["storage"]
  override_during = plan
  values          = { arn = "arn:aws:kms:us-east-2:111122223333:key/storage" }
}

override_resource {
  target          = module.keys.aws_kms_key.this["replica"]
  override_during = plan
  values          = { arn = "arn:aws:kms:us-west-2:111122223333:key/replica" }
}

override_resource {
  target          = module.keys.aws_kms_key.this["keystore"]
  override_during = plan
  values          = { arn = "arn:aws:kms:us-east-2:111122223333:key/keystore" }
}

override_resource {
  target          = module.keys.aws_kms_key.this["service"]
  override_during = plan
  values          = { arn = "arn:aws:kms:us-east-2:111122223333:key/service" }
}

variables {
  account_id      = "111122223333"
  archive_id      = "01jexampleexampleexampleex"
  administrators  = ["arn:aws:iam::111122223333:role/terraform"]
  readers         = ["arn:aws:iam::111122223333:role/clerk"]
  auditors        = ["arn:aws:iam::444455556666:role/auditor"]
  image           = "example/archiver@sha256:0000000000000000000000000000000000000000000000000000000000000000"
  host            = "hooks.example.gov"
  certificate_arn = "arn:aws:acm:us-east-2:111122223333:certificate/example"
  recipients      = ["records@example.gov"]
}

# tests/infra reads the policies of this plan, and the settings.
run "city" {
  command = plan

  assert {
    condition     = strcontains(output.settings, "archive = \"s3://elgin-il-111122223333-archive/archive\"")
    error_message = "settings do not name the archive"
  }

  assert {
    condition     = length(output.policies.roles) == 10 && length(output.policies.buckets) == 6
    error_message = "a policy is missing"
  }
}

