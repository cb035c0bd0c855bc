mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111111111111" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_region" {
    defaults = { name = "eu-west-1" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

variables {
  name        = "retail-ledger"
  kms_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/0000"
}

run "a_ledger_cannot_be_lost" {
  command = plan

  assert {
    condition     = aws_dynamodb_table.this.deletion_protection_enabled && aws_dynamodb_table.this.point_in_time_recovery[0].enabled
    error_message = "The table must be protected and recoverable."
  }
  assert {
    condition     = contains(data.aws_iam_policy_document.append.statement[1].actions, "dynamodb:UpdateItem") && data.aws_iam_policy_document.append.statement[1].effect == "Deny"
    error_message = "Writers must not change entries."
  }
}

run "a_tables_name_has_rules" {
  command = plan
  variables {
    name = "a b"
  }
  expect_failures = [var.name]
}
