mock_provider "aws" {
  override_during = plan
}

variables {
  name    = "elgin-il"
  region  = "us-east-2"
  key_arn = "arn:aws:kms:us-east-2:111122223333:key/service"
}

run "queues" {
  assert {
    condition     = alltrue([for queue in merge(aws_sqs_queue.this, aws_sqs_queue.dead) : queue.kms_master_key_id == var.key_arn])
    error_message = "a queue is not encrypted"
  }

  assert {
    condition     = alltrue([for what, queue in aws_sqs_queue.this : jsondecode(queue.redrive_policy).deadLetterTargetArn == aws_sqs_queue.dead[what].arn])
    error_message = "what nobody could do has nowhere to go"
  }

  assert {
    condition     = alltrue([for what, queue in aws_sqs_queue.dead : queue.message_retention_seconds >= aws_sqs_queue.this[what].message_retention_seconds])
    error_message = "the dead go before somebody has seen them"
  }
}

run "no_single_attempt" {
  command = plan
  variables {
    attempts = 1
  }
  expect_failures = [var.attempts]
}
