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
  name        = "retail-dev-hook"
  handler     = "app.handler"
  package     = { file = "app.zip", sha256 = "0000" }
  kms_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/0000"
}

run "a_function_may_log_and_no_more" {
  command = plan

  assert {
    condition     = [for statement in data.aws_iam_policy_document.own.statement : statement.sid] == ["Logs", "DeadLetters", "Key"]
    error_message = "A role has what it needs."
  }
  assert {
    condition     = aws_lambda_function.this.kms_key_arn == var.kms_key_arn
    error_message = "The environment must be encrypted."
  }
}

run "in_a_network_it_handles_interfaces" {
  command = plan
  variables {
    network = { subnet_ids = ["subnet-1"], security_group_ids = ["sg-1"] }
  }

  assert {
    condition     = contains(data.aws_iam_policy_document.own.statement[4].resources, "arn:aws:ec2:eu-west-1:111111111111:subnet/subnet-1")
    error_message = "Interfaces are made in the subnets that are named."
  }
}

run "a_handler_is_a_module_and_a_function" {
  command = plan
  variables {
    handler = "handler"
  }
  expect_failures = [var.handler]
}

run "limits_are_lambdas" {
  command = plan
  variables {
    limits = { timeout_seconds = 1000 }
  }
  expect_failures = [var.limits]
}

run "a_policy_is_json" {
  command = plan
  variables {
    policy_json = "Allow"
  }
  expect_failures = [var.policy_json]
}
