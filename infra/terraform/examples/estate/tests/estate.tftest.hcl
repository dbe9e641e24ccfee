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

variables {
  account_id     = "111122223333"
  administrators = ["arn:aws:iam::111122223333:role/terraform"]
  auditors       = ["arn:aws:iam::444455556666:role/auditor"]
  image          = "example/archiver@sha256:0000000000000000000000000000000000000000000000000000000000000000"
  cities = {
    elgin-il = {
      archive_id      = "01jelginelginelginelginelg"
      host            = "hooks.elgin.example.gov"
      certificate_arn = "arn:aws:acm:us-east-2:111122223333:certificate/elgin"
      recipients      = ["records@elgin.example.gov"]
    }
    dekalb-il = {
      archive_id      = "01jdekalbdekalbdekalbdekal"
      host            = "hooks.dekalb.example.gov"
      certificate_arn = "arn:aws:acm:us-east-2:111122223333:certificate/dekalb"
      recipients      = ["records@dekalb.example.gov"]
      workers         = 4
    }
  }
}

run "cities_are_apart" {
  command = plan

  assert {
    condition     = strcontains(output.settings["dekalb-il"], "s3://dekalb-il-111122223333-archive/archive") && !strcontains(output.settings["dekalb-il"], "elgin")
    error_message = "a city's settings name another's archive"
  }
}

run "one_archive_each" {
  command = plan
  variables {
    cities = {
      one = { archive_id = "01jexampleexampleexampleex", host = "a.example.gov", certificate_arn = "arn:aws:acm:us-east-2:111122223333:certificate/a", recipients = ["a@example.gov"] }
      two = { archive_id = "01jexampleexampleexampleex", host = "b.example.gov", certificate_arn = "arn:aws:acm:us-east-2:111122223333:certificate/b", recipients = ["b@example.gov"] }
    }
  }
  expect_failures = [var.cities]
}
