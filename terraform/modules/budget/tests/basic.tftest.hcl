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
  name        = "retail-dev"
  monthly_usd = 100
  emails      = ["ops@example.com"]
}

run "people_are_told_before_and_after" {
  command = plan

  assert {
    condition     = length(aws_budgets_budget.this.notification) == 3
    error_message = "At 80 %, at 100 %, and when the forecast says so."
  }
}

run "somebody_must_be_told" {
  command = plan
  variables {
    emails = []
  }
  expect_failures = [aws_budgets_budget.this]
}

run "a_budget_is_more_than_nothing" {
  command = plan
  variables {
    monthly_usd = 0
  }
  expect_failures = [var.monthly_usd]
}
