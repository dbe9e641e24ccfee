mock_provider "aws" {
  override_during = plan
}

variables {
  name           = "elgin-il"
  account_id     = "111122223333"
  region         = "us-east-2"
  key_arn        = "arn:aws:kms:us-east-2:111122223333:key/storage"
  logs_bucket    = "elgin-il-111122223333-logs"
  administrators = ["arn:aws:iam::111122223333:role/terraform"]
}

run "query" {
  command = plan

  assert {
    condition     = output.tables["posts"][0] == "record_id" && contains(output.tables["posts"], "created_at")
    error_message = "a table has not the columns of the archive"
  }

  assert {
    condition     = aws_athena_workgroup.this.configuration[0].enforce_workgroup_configuration && aws_athena_workgroup.this.configuration[0].result_configuration[0].encryption_configuration[0].encryption_option == "SSE_KMS"
    error_message = "results could go elsewhere, or lie there plain"
  }

  assert {
    condition     = alltrue([for table in aws_glue_catalog_table.stream : table.open_table_format_input[0].iceberg_input[0].version == "2"])
    error_message = "a table is not one of Iceberg"
  }
}

run "nothing_private" {
  command = plan
  variables {
    streams = ["posts", "messages"]
  }
  expect_failures = [var.streams]
}

run "results_end" {
  command = plan
  variables {
    result_days = 365
  }
  expect_failures = [var.result_days]
}
