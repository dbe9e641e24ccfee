mock_provider "aws" {
  override_during = plan
}

variables {
  name           = "elgin-il"
  account_id     = "111122223333"
  region         = "us-east-2"
  replica_region = "us-west-2"
  administrators = ["arn:aws:iam::111122223333:role/terraform"]
}

run "keys" {
  command = plan

  assert {
    condition     = alltrue([for key in aws_kms_key.this : key.enable_key_rotation && key.deletion_window_in_days == 30])
    error_message = "a key is not rotated, or could end too soon"
  }

  assert {
    condition     = aws_kms_key.this["replica"].region == "us-west-2"
    error_message = "copies need a key of their own region"
  }

  assert {
    condition = alltrue([
      for key in aws_kms_key.this : anytrue([
        for one in jsondecode(key.policy).Statement :
        one.Effect == "Deny" && contains(flatten([one.Action]), "kms:ScheduleKeyDeletion")
      ])
    ])
    error_message = "anybody may end a key"
  }
}

run "no_hasty_end" {
  command = plan
  variables {
    deletion_days = 7
  }
  expect_failures = [var.deletion_days]
}

run "somebody_administers" {
  command = plan
  variables {
    administrators = []
  }
  expect_failures = [var.administrators]
}
