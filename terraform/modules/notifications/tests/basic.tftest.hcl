mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111111111111" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

variables {
  name        = "retail-dev-alarms"
  kms_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/0000"
  emails      = ["ops@example.com"]
}

run "only_services_of_this_account_publish" {
  command = plan

  assert {
    condition     = contains(one(data.aws_iam_policy_document.this.statement[0].condition).values, "111111111111")
    error_message = "A service may publish for this account only."
  }
  assert {
    condition     = aws_sns_topic.this.kms_master_key_id == var.kms_key_arn
    error_message = "Messages must be encrypted with the key."
  }
  assert {
    condition     = aws_sns_topic_subscription.email["ops@example.com"].protocol == "email"
    error_message = "Each address is subscribed."
  }
}

run "an_address_must_be_one" {
  command = plan
  variables {
    emails = ["ops"]
  }
  expect_failures = [var.emails]
}

run "a_key_must_be_one" {
  command = plan
  variables {
    kms_key_arn = "alias/aws/sns"
  }
  expect_failures = [var.kms_key_arn]
}
