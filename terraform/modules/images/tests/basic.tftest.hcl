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
  repositories = ["retail/train"]
  kms_key_arn  = "arn:aws:kms:eu-west-1:111111111111:key/0000"
}

run "a_tag_stays_what_it_is" {
  command = plan

  assert {
    condition     = aws_ecr_repository.this["retail/train"].image_tag_mutability == "IMMUTABLE"
    error_message = "Tags must not be moved."
  }
  assert {
    condition     = aws_ecr_repository.this["retail/train"].image_scanning_configuration[0].scan_on_push
    error_message = "Images must be scanned."
  }
  assert {
    condition     = length(aws_ecr_repository_policy.this) == 0
    error_message = "Nobody else pulls by default."
  }
}

run "readers_pull_and_do_not_push" {
  command = plan
  variables {
    readers = ["222222222222"]
  }

  assert {
    condition     = alltrue([for action in data.aws_iam_policy_document.pull[0].statement[0].actions : !startswith(action, "ecr:Put") && !startswith(action, "ecr:Upload")])
    error_message = "Only this account pushes."
  }
}

run "a_repositorys_name_has_rules" {
  command = plan
  variables {
    repositories = ["Retail"]
  }
  expect_failures = [var.repositories]
}

run "accounts_have_twelve_digits" {
  command = plan
  variables {
    readers = ["12"]
  }
  expect_failures = [var.readers]
}
