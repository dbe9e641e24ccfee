mock_provider "aws" {
  override_during = plan
}

variables {
  name           = "elgin-il"
  account_id     = "111122223333"
  region         = "us-east-2"
  replica_region = "us-west-2"
  keys = {
    storage  = "arn:aws:kms:us-east-2:111122223333:key/storage"
    replica  = "arn:aws:kms:us-west-2:111122223333:key/replica"
    keystore = "arn:aws:kms:us-east-2:111122223333:key/keystore"
  }
  administrators = ["arn:aws:iam::111122223333:role/terraform"]
}

run "storage" {
  command = plan

  assert {
    condition     = output.settings.archive == "s3://elgin-il-111122223333-archive/archive" && output.settings.locks == "compliance"
    error_message = "settings are not those of the archive"
  }

  assert {
    condition     = aws_s3_bucket_replication_configuration.ledger.rule[0].delete_marker_replication[0].status == "Disabled"
    error_message = "what is hidden here would be hidden in the second region"
  }

  assert {
    condition     = aws_s3_bucket_replication_configuration.ledger.rule[0].filter[0].prefix == "archive/log/"
    error_message = "S3 would copy content to where no order reaches it"
  }

  assert {
    condition = alltrue([
      for what in ["archive", "replica", "ledger", "incoming", "keystore", "logs"] : anytrue([
        for one in jsondecode(output.policies[what]).Statement : one.Sid == "TlsOnly" && one.Effect == "Deny"
      ])
    ])
    error_message = "a bucket speaks without TLS"
  }
}

run "another_region" {
  command = plan
  variables {
    replica_region = "us-east-2"
  }
  expect_failures = [var.replica_region]
}

run "no_long_lock" {
  command = plan
  variables {
    lock_days = 365
  }
  expect_failures = [var.lock_days]
}

run "no_other_mode" {
  command = plan
  variables {
    locks = "none"
  }
  expect_failures = [var.locks]
}

run "no_wildcard_administers" {
  command = plan
  variables {
    administrators = ["arn:aws:iam::111122223333:role/*"]
  }
  expect_failures = [var.administrators]
}
