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
}

override_resource {
  target          = aws_db_instance.airflow
  override_during = plan
  values = {
    address            = "airflow.example.internal"
    master_user_secret = [{ secret_arn = "arn:aws:secretsmanager:us-east-2:111122223333:secret:rds" }]
  }
}

variables {
  name       = "elgin-il"
  account_id = "111122223333"
  region     = "us-east-2"
  key_arn    = "arn:aws:kms:us-east-2:111122223333:key/service"
  roles = {
    worker   = "arn:aws:iam::111122223333:role/elgin-il-worker"
    receiver = "arn:aws:iam::111122223333:role/elgin-il-receiver"
    hold     = "arn:aws:iam::111122223333:role/elgin-il-hold"
    executor = "arn:aws:iam::111122223333:role/elgin-il-executor"
  }
  celery_queue = { name = "elgin-il-celery", url = "https://sqs.example/celery", arn = "arn:aws:sqs:us-east-2:111122223333:elgin-il-celery" }
  image        = "example/archiver@sha256:0000000000000000000000000000000000000000000000000000000000000000"
  settings     = "archive = \"s3://bucket/archive\"\n"
  forwarder    = { source = "print()", bucket = "incoming", doorbell_url = "https://sqs.example/doorbell" }
  zones        = ["us-east-2a", "us-east-2b"]
}

run "orchestration" {
  command = plan

  assert {
    condition     = toset(keys(aws_ecs_service.this)) == toset(["api-server", "scheduler", "dag-processor", "triggerer", "worker", "receiver"])
    error_message = "a part of Airflow is missing"
  }

  assert {
    condition     = aws_db_instance.airflow.manage_master_user_password && aws_db_instance.airflow.password == null
    error_message = "a password would be in the state"
  }

  assert {
    condition     = alltrue([for what, task in aws_ecs_task_definition.this : !strcontains(task.container_definitions, "\"name\":\"DB_PASSWORD\",\"value\"")])
    error_message = "a secret would be a plain variable"
  }

  assert {
    condition = alltrue([
      for what in ["api-server", "scheduler", "dag-processor", "triggerer"] :
      aws_ecs_task_definition.this[what].task_role_arn == aws_iam_role.this["control"].arn && length(aws_ecs_task_definition.this[what].volume) == 1
    ])
    error_message = "a part that runs no task of the archive has its rights, or its home"
  }

  assert {
    condition     = aws_ecs_task_definition.this["lock"].task_role_arn == var.roles.hold && aws_ecs_task_definition.this["execute"].task_role_arn == var.roles.executor
    error_message = "locks and orders are not apart from the workers"
  }

  assert {
    condition     = alltrue([for service in aws_ecs_service.this : !service.network_configuration[0].assign_public_ip && !service.enable_execute_command])
    error_message = "a task is reached from outside"
  }

  assert {
    condition     = aws_ecs_service.this["receiver"].desired_count == 1 && aws_ecs_service.this["receiver"].deployment_maximum_percent == 100
    error_message = "two receivers in one home"
  }
}

run "no_secret_in_settings" {
  command = plan
  variables {
    settings = "webhook_secret = \"x\"\n"
  }
  expect_failures = [var.settings]
}

run "no_image_by_tag" {
  command = plan
  variables {
    image = "example/archiver:latest"
  }
  expect_failures = [var.image]
}

run "no_simple_logins" {
  command = plan
  variables {
    auth_manager = "airflow.api_fastapi.auth.managers.simple.simple_auth_manager.SimpleAuthManager"
  }
  expect_failures = [var.auth_manager]
}

run "two_zones" {
  command = plan
  variables {
    zones = ["us-east-2a"]
  }
  expect_failures = [var.zones]
}
