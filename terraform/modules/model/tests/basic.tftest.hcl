mock_provider "aws" {}

variables {
  name      = "severity"
  role_arn  = "arn:aws:iam::111111111111:role/serving"
  container = { image = "111111111111.dkr.ecr.eu-west-1.amazonaws.com/serving:1", model_data_url = "s3://models/a/model.tar.gz" }
}

run "a_model_is_isolated_by_default" {
  command = plan

  assert {
    condition     = aws_sagemaker_model.this.enable_network_isolation && length(aws_sagemaker_model.this.vpc_config) == 0
    error_message = "Containers reach nothing unless told."
  }
  assert {
    condition     = can(regex("^severity-[0-9a-f]{8}$", aws_sagemaker_model.this.name))
    error_message = "The name ends in a digest."
  }
}

run "a_model" {
}

run "another_artefact_is_another_model" {
  command = plan
  variables {
    container = { image = "111111111111.dkr.ecr.eu-west-1.amazonaws.com/serving:1", model_data_url = "s3://models/b/model.tar.gz" }
  }

  assert {
    condition     = aws_sagemaker_model.this.name != run.a_model.name
    error_message = "The digest must tell models apart."
  }
}

run "a_version_brings_its_image" {
  command = plan
  variables {
    container = { model_package_arn = "arn:aws:sagemaker:eu-west-1:444444444444:model-package/severity/7" }
  }

  assert {
    condition     = aws_sagemaker_model.this.primary_container[0].model_package_name == var.container.model_package_arn
    error_message = "The version is used as it is."
  }
}

run "a_container_is_one_thing" {
  command = plan
  variables {
    container = {
      image             = "111111111111.dkr.ecr.eu-west-1.amazonaws.com/serving:1"
      model_package_arn = "arn:aws:sagemaker:eu-west-1:444444444444:model-package/severity/7"
    }
  }
  expect_failures = [var.container]
}

run "an_artefact_lies_in_s3" {
  command = plan
  variables {
    container = { image = "serving", model_data_url = "/tmp/model.tar.gz" }
  }
  expect_failures = [var.container]
}

run "a_role_is_an_arn" {
  command = plan
  variables {
    role_arn = "serving"
  }
  expect_failures = [var.role_arn]
}
