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
  bucket      = "retail-registry-111111111111"
  kms_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/0000"
  groups      = { severity = "Severity" }
}

run "a_registry_of_its_own_account_has_no_policy" {
  command = plan

  assert {
    condition     = length(aws_sagemaker_model_package_group_policy.this) == 0
    error_message = "Nobody else is let in by default."
  }
}

run "readers_read_and_writers_register" {
  command = plan
  variables {
    readers = ["333333333333"]
    writers = ["222222222222"]
  }

  assert {
    condition     = [for statement in data.aws_iam_policy_document.group["severity"].statement : statement.sid] == ["Read", "Register"]
    error_message = "Both have their statement."
  }
  assert {
    condition     = one(data.aws_iam_policy_document.group["severity"].statement[1].principals).identifiers == toset(["arn:aws:iam::222222222222:root"])
    error_message = "Only writers register."
  }
  assert {
    condition     = alltrue([for statement in data.aws_iam_policy_document.group["severity"].statement : !contains(statement.actions, "sagemaker:UpdateModelPackage")])
    error_message = "Approval stays with the registry's account."
  }
}

run "accounts_have_twelve_digits" {
  command = plan
  variables {
    readers = ["1234"]
  }
  expect_failures = [var.readers]
}

run "a_groups_name_has_rules" {
  command = plan
  variables {
    groups = { "under_score" = "x" }
  }
  expect_failures = [var.groups]
}
