mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111111111111" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

variables {
  name = "retail-dev"
  keys = { data = { description = "Data" } }
}

run "a_key_rotates_and_has_an_alias" {
  command = plan

  assert {
    condition     = aws_kms_key.this["data"].enable_key_rotation
    error_message = "Keys must rotate."
  }
  assert {
    condition     = aws_kms_alias.this["data"].name == "alias/retail-dev-data"
    error_message = "The alias is alias/<name>-<purpose>."
  }
}

run "only_those_who_are_named_are_let_in" {
  command = plan

  assert {
    condition     = [for statement in data.aws_iam_policy_document.key["data"].statement : statement.sid] == ["Administration"]
    error_message = "A key without users is for its account alone."
  }
}

run "principals_must_be_arns" {
  command = plan
  variables {
    keys = { data = { description = "Data", users = ["222222222222"] } }
  }
  expect_failures = [var.keys]
}

run "the_deletion_window_has_bounds" {
  command = plan
  variables {
    keys = { data = { description = "Data", deletion_window_in_days = 3 } }
  }
  expect_failures = [var.keys]
}
