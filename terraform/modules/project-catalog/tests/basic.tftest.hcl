mock_provider "aws" {
  mock_data "aws_partition" {
    defaults = { partition = "aws", dns_suffix = "amazonaws.com" }
  }
  mock_data "aws_region" {
    defaults = { name = "eu-west-1" }
  }
}

variables {
  name            = "retail-dev-projects"
  owner           = "Retail"
  bucket          = "retail-dev-catalog"
  launch_role_arn = "arn:aws:iam::111111111111:role/retail-dev-catalog-launch"
  principals      = { leads = "arn:aws:iam::111111111111:role/retail-dev-lead" }
  products = {
    training = {
      title    = "Training"
      versions = { "1" = "./examples/basic/template.yaml", "2" = "./examples/basic/template-2.yaml" }
      current  = "2"
    }
  }
}

run "a_product_is_made_with_its_current_version" {
  command = apply

  assert {
    condition     = aws_servicecatalog_product.this["training"].provisioning_artifact_parameters[0].name == "2"
    error_message = "Nothing is made to be thrown away."
  }
  assert {
    condition     = { for key, version in aws_servicecatalog_provisioning_artifact.this : key => version.guidance } == { "training/1" = "DEPRECATED" }
    error_message = "An old version is told to be old."
  }
  assert {
    condition     = jsondecode(aws_servicecatalog_constraint.launch["training"].parameters) == { RoleArn = var.launch_role_arn }
    error_message = "Who launches needs no rights of the launch role."
  }
}

run "a_new_version_keeps_the_product" {
  command = apply
  variables {
    products = {
      training = {
        title    = "Training"
        versions = { "2" = "./examples/basic/template-2.yaml", "3" = "./examples/basic/template.yaml" }
        current  = "3"
      }
    }
  }

  assert {
    condition     = aws_servicecatalog_product.this["training"].id == run.a_product_is_made_with_its_current_version.product_ids["training"]
    error_message = "A product outlives its versions."
  }
  assert {
    condition     = { for key, version in aws_servicecatalog_provisioning_artifact.this : key => version.guidance } == { "training/3" = "DEFAULT" }
    error_message = "The newest version is the one to use."
  }
}

run "the_oldest_versions_template_stays" {
  command = plan
  variables {
    products = {
      training = {
        title    = "Training"
        versions = { "2" = "./examples/basic/template.yaml" }
        current  = "2"
      }
    }
  }
  expect_failures = [check.versions_stay]
}

run "the_current_version_is_one_of_them" {
  command = plan
  variables {
    products = { training = { title = "Training", versions = { "1" = "./examples/basic/template.yaml" }, current = "2" } }
  }
  expect_failures = [var.products]
}

run "principals_are_whole" {
  command = plan
  variables {
    principals = { everybody = "arn:aws:iam::111111111111:role/*" }
  }
  expect_failures = [var.principals]
}
