mock_provider "aws" {}

variables {
  name       = "severity-train"
  role_arn   = "arn:aws:iam::111111111111:role/pipeline"
  definition = { json = "{\"Version\": \"2020-12-01\", \"Steps\": []}" }
}

run "a_document_is_given_as_it_is" {
  command = plan

  assert {
    condition     = aws_sagemaker_pipeline.this[0].pipeline_definition == var.definition.json
    error_message = "The document must not be written anew."
  }
  assert {
    condition     = aws_sagemaker_pipeline.this[0].pipeline_display_name == "severity-train"
    error_message = "People see the name when there is no other."
  }
  assert {
    condition     = aws_sagemaker_pipeline.this[0].parallelism_configuration[0].max_parallel_execution_steps == 10
    error_message = "Parallelism is bounded by default."
  }
}

run "a_document_may_lie_in_s3" {
  command = plan
  variables {
    definition = { s3 = { bucket = "definitions", key = "severity.json", version_id = "7" } }
  }

  assert {
    condition     = aws_sagemaker_pipeline.stored[0].pipeline_definition_s3_location[0].version_id == "7"
    error_message = "The version is pinned."
  }
}

run "a_definition_is_in_one_place" {
  command = plan
  variables {
    definition = {}
  }
  expect_failures = [var.definition]
}

run "a_document_has_steps" {
  command = plan
  variables {
    definition = { json = "[]" }
  }
  expect_failures = [var.definition]
}

run "at_least_one_step_runs" {
  command = plan
  variables {
    max_parallel_steps = 0
  }
  expect_failures = [var.max_parallel_steps]
}

run "a_name_is_a_pipelines" {
  command = plan
  variables {
    name = "severity_train"
  }
  expect_failures = [var.name]
}
