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
  mock_resource "aws_sagemaker_pipeline" {
    defaults = { arn = "arn:aws:sagemaker:eu-west-1:111111111111:pipeline/severity-batch" }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::111111111111:role/severity-batch" }
  }
  mock_resource "aws_sqs_queue" {
    defaults = { arn = "arn:aws:sqs:eu-west-1:111111111111:severity-batch-dead-letters" }
  }
}

variables {
  name              = "severity-batch"
  role_arn          = "arn:aws:iam::111111111111:role/serving"
  pipeline_role_arn = "arn:aws:iam::111111111111:role/pipeline"
  kms_key_arn       = "arn:aws:kms:eu-west-1:111111111111:key/0000"
  topic_arn         = "arn:aws:sns:eu-west-1:111111111111:ml"
  container         = { image = "111111111111.dkr.ecr.eu-west-1.amazonaws.com/serving:1" }
  input             = { uri = "s3://data/in" }
  output            = { uri = "s3://data/out/" }
}

run "a_run" {
  assert {
    condition     = jsondecode(output.definition).Steps[0].Arguments.ModelName == output.model_name
    error_message = "The pipeline transforms by the model."
  }
  assert {
    condition     = jsondecode(output.definition).Parameters[1].DefaultValue == "s3://data/out"
    error_message = "A path is joined by one slash."
  }
  assert {
    condition     = !can(jsondecode(output.definition).Steps[0].Arguments.DataProcessing) && !can(jsondecode(output.definition).Steps[0].Arguments.MaxPayloadInMB)
    error_message = "What is not said is left to SageMaker."
  }
  assert {
    condition     = jsondecode(output.definition).Steps[0].Arguments.TransformOutput.KmsKeyId == var.kms_key_arn
    error_message = "Outputs must be encrypted with the key."
  }
}

run "what_is_said_is_in_the_request" {
  command = apply
  variables {
    records  = { input_filter = "$[1:]", join_source = "Input" }
    requests = { payload_mb = 1 }
    schedule = { expression = "rate(1 day)" }
  }

  assert {
    condition     = jsondecode(output.definition).Steps[0].Arguments.DataProcessing == { InputFilter = "$[1:]", JoinSource = "Input" }
    error_message = "Filters are passed."
  }
  assert {
    condition     = jsondecode(output.definition).Steps[0].Arguments.MaxPayloadInMB == 1
    error_message = "Limits are passed."
  }
}

run "an_input_lies_in_s3" {
  command = plan
  variables {
    input = { uri = "/data" }
  }
  expect_failures = [var.input]
}

run "records_are_joined_to_their_input_only" {
  command = plan
  variables {
    records = { join_source = "Output" }
  }
  expect_failures = [var.records]
}

run "a_strategy_is_one_of_two" {
  command = plan
  variables {
    requests = { strategy = "Single" }
  }
  expect_failures = [var.requests]
}
