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

run "sagemaker_is_meant_when_nothing_is_said" {
  command = plan
  variables {
    quotas = { training = { code = "L-1194F2B9", value = 4 } }
  }

  assert {
    condition     = aws_servicequotas_service_quota.this["training"].service_code == "sagemaker"
    error_message = "The platform's quotas are SageMaker's."
  }
}

run "a_code_is_a_code" {
  command = plan
  variables {
    quotas = { training = { code = "ml.m5.large", value = 4 } }
  }
  expect_failures = [var.quotas]
}

run "a_value_is_more_than_nothing" {
  command = plan
  variables {
    quotas = { training = { code = "L-1194F2B9", value = 0 } }
  }
  expect_failures = [var.quotas]
}
