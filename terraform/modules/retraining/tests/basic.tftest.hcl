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
  name               = "retail-severity"
  inference_pipeline = "Severity-Inference"
  train_pipeline     = "severity-train"
  checks             = ["Check"]
  topic_arn          = "arn:aws:sns:eu-west-1:111111111111:ml"
  reports            = { places = ["data/reports"] }
  package            = { file = "functions.zip", sha256 = "0000" }
  key_arns = {
    function = "arn:aws:kms:eu-west-1:111111111111:key/0000"
    messages = "arn:aws:kms:eu-west-1:111111111111:key/1111"
  }
}

run "the_function_starts_the_train_pipeline_and_no_other" {
  command = plan

  assert {
    condition     = one([for statement in data.aws_iam_policy_document.this.statement : statement.resources if contains(statement.actions, "sagemaker:StartPipelineExecution")]) == toset(["arn:aws:sagemaker:eu-west-1:111111111111:pipeline/severity-train"])
    error_message = "Only the train pipeline is started."
  }
  assert {
    condition     = data.aws_iam_policy_document.this.statement[4].resources == toset(["arn:aws:s3:::data/reports/*constraint_violations.json"])
    error_message = "Only reports are read."
  }
  assert {
    condition     = alltrue([for statement in data.aws_iam_policy_document.this.statement : !contains(statement.resources, "*")])
    error_message = "Every statement names what it is about."
  }
}

run "nothing_is_scheduled_unless_told" {
  command = plan

  assert {
    condition     = output.schedule_arn == null && length(output.rule_arns) == 3
    error_message = "There are rules for failures and drift, and no schedule."
  }
}

run "a_pipeline_that_nobody_wants_to_hear_of_has_no_rule" {
  command = plan
  variables {
    failures = { inference = [], train = [] }
  }

  assert {
    condition     = keys(output.rule_arns) == ["data-drift"]
    error_message = "Drift alone has a rule."
  }
}

run "more_windows_cannot_be_needed_than_there_are" {
  command = plan
  variables {
    windows = { needed = 3, of = 2 }
  }
  expect_failures = [var.windows]
}

run "windows_are_whole" {
  command = plan
  variables {
    windows = { needed = 1.5, of = 2 }
  }
  expect_failures = [var.windows]
}

run "a_budget_is_not_negative" {
  command = plan
  variables {
    budget = { retrainings = -1 }
  }
  expect_failures = [var.budget]
}

run "pipelines_are_named" {
  command = plan
  variables {
    inference_pipeline = "arn:aws:sagemaker:eu-west-1:111111111111:pipeline/severity-inference"
  }
  expect_failures = [var.inference_pipeline]
}

run "a_pipeline_does_not_retrain_itself" {
  command = plan
  variables {
    train_pipeline = "severity-inference"
  }
  expect_failures = [var.train_pipeline]
}

run "the_reason_is_the_functions_to_tell" {
  command = plan
  variables {
    parameters = { RetrainingReason = "drift" }
  }
  expect_failures = [var.parameters]
}

run "a_check_is_named" {
  command = plan
  variables {
    checks = []
  }
  expect_failures = [var.checks]
}

run "an_expression_is_the_schedulers" {
  command = plan
  variables {
    schedule = { expression = "0 23 * * *" }
  }
  expect_failures = [var.schedule]
}
