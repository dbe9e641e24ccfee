mock_provider "aws" {
  override_during = plan
}

variables {
  name           = "elgin-il"
  account_id     = "111122223333"
  region         = "us-east-2"
  replica_region = "us-west-2"
  archive_id     = "01jexampleexample"
  buckets        = { archive = "a-archive", replica = "a-copy", incoming = "a-incoming", keystore = "a-keystore" }
  keys = {
    storage  = "arn:aws:kms:us-east-2:111122223333:key/storage"
    replica  = "arn:aws:kms:us-west-2:111122223333:key/replica"
    keystore = "arn:aws:kms:us-east-2:111122223333:key/keystore"
    service  = "arn:aws:kms:us-east-2:111122223333:key/service"
  }
  doorbell_arn = "arn:aws:sqs:us-east-2:111122223333:elgin-il-doorbell"
}

run "roles_are_apart" {
  command = plan

  assert {
    condition     = length(aws_iam_role.this) == 10
    error_message = "a role is missing, or there is one that nobody explained"
  }

  assert {
    condition = alltrue([
      for role, made in aws_iam_role_policy.this : role == "purge" || role == "receiver" || !anytrue([
        for one in jsondecode(made.policy).Statement :
        one.Effect == "Allow" && contains(flatten([one.Action]), "s3:DeleteObjectVersion") && anytrue([
          for place in flatten([try(one.Resource, [])]) : startswith(place, "arn:aws:s3:::a-archive/archive/u/")
        ])
      ])
    ])
    error_message = "another role than purge may destroy content"
  }

  assert {
    condition     = alltrue([for role, made in aws_iam_role_policy.this : length(made.policy) < 10240])
    error_message = "IAM takes no more than 10,240 characters of policies in a role"
  }

  assert {
    condition     = jsondecode(aws_iam_role.this["purge"].assume_role_policy).Statement[0].Condition.Null["aws:RequestTag/unit"] == "false"
    error_message = "a session of purge without a unit"
  }
}

run "no_wildcard_reads" {
  command = plan
  variables {
    readers = ["arn:aws:iam::111122223333:role/*"]
  }
  expect_failures = [var.readers]
}

run "no_odd_archive" {
  command = plan
  variables {
    archive_id = "*"
  }
  expect_failures = [var.archive_id]
}
