mock_provider "aws" {
  override_during = plan
}

variables {
  name            = "elgin-il"
  region          = "us-east-2"
  role            = { arn = "arn:aws:iam::111122223333:role/elgin-il-capture", name = "elgin-il-capture" }
  key_arn         = "arn:aws:kms:us-east-2:111122223333:key/service"
  bucket          = "elgin-il-111122223333-incoming"
  doorbell_url    = "https://sqs.us-east-2.amazonaws.com/111122223333/elgin-il-doorbell"
  host            = "hooks.example.gov"
  certificate_arn = "arn:aws:acm:us-east-2:111122223333:certificate/example"
  receiver_url    = "http://receiver.elgin-il.internal:8095"
  network         = { subnets = ["subnet-1", "subnet-2"], security_group = "sg-1" }
}

run "intake" {
  command = plan

  assert {
    condition     = contains(aws_api_gateway_rest_api.this.binary_media_types, "*/*")
    error_message = "bodies would not arrive byte for byte, and no signature would hold"
  }

  assert {
    condition     = aws_api_gateway_rest_api.this.disable_execute_api_endpoint
    error_message = "there would be a second address"
  }

  assert {
    condition     = aws_lambda_function.accept.role == var.role.arn && toset(keys(aws_api_gateway_method.this)) == toset(["GET", "POST"])
    error_message = "the function has other rights, or the API other methods"
  }

  assert {
    condition     = !strcontains(aws_api_gateway_stage.live.access_log_settings[0].format, "querystring")
    error_message = "queries may hold secrets, and would be in a log"
  }

  assert {
    condition     = output.settings.webhook_url == "https://hooks.example.gov"
    error_message = "the setting is not the address"
  }
}

run "no_handle_of_odd_characters" {
  command = plan
  variables {
    handles = ["a/b"]
  }
  expect_failures = [var.handles]
}

run "no_address_for_a_name" {
  command = plan
  variables {
    host = "https://hooks.example.gov"
  }
  expect_failures = [var.host]
}

run "no_receiver_outside" {
  command = plan
  variables {
    receiver_url = "https://example.com"
  }
  expect_failures = [var.receiver_url]
}
