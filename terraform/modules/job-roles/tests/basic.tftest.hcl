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
  name                 = "retail-dev"
  permissions_boundary = "arn:aws:iam::111111111111:policy/retail-dev-boundary"
  buckets              = { work = ["retail-dev-data"] }
  key_arns             = ["arn:aws:kms:eu-west-1:111111111111:key/0000"]
  network              = { subnet_ids = ["subnet-1", "subnet-2"], security_group_ids = ["sg-1"] }
}

run "an_environment_has_the_roles_of_work" {
  command = plan

  assert {
    condition     = keys(aws_iam_role.service) == ["events", "execution", "functions", "pipeline"] && length(aws_iam_role.deploy) == 0
    error_message = "People and CI get roles where they are named."
  }
  assert {
    condition     = alltrue([for role in aws_iam_role.service : role.permissions_boundary == var.permissions_boundary])
    error_message = "Every role is bounded."
  }
  assert {
    condition = alltrue([
      for trust in data.aws_iam_policy_document.trust : [for condition in trust.statement[0].condition : condition.variable] == ["aws:SourceAccount"]
    ])
    error_message = "A service acts for this account only."
  }
}

run "only_jobs_of_an_account_that_registers_write_to_the_registry" {
  command = plan
  variables {
    registry = { account = "444444444444", bucket = "registry", key_arn = "arn:aws:kms:eu-west-1:444444444444:key/0000" }
  }

  assert {
    condition     = !anytrue([for statement in data.aws_iam_policy_document.execution.statement : startswith(statement.sid, "Registry")])
    error_message = "An account that only reads the registry writes nothing there."
  }
}

run "jobs_of_an_account_that_registers_write_models" {
  command = plan
  variables {
    registry = { account = "444444444444", bucket = "registry", key_arn = "arn:aws:kms:eu-west-1:444444444444:key/0000", registers = true }
  }

  assert {
    condition     = one([for statement in data.aws_iam_policy_document.execution.statement : statement.resources if statement.sid == "RegistryArtifacts"]) == toset(["arn:aws:s3:::registry/*"])
    error_message = "Training jobs put what is registered."
  }
}

run "people_pass_the_roles_of_work_to_sagemaker" {
  command = plan
  variables {
    workplace = {}
  }

  assert {
    condition     = length(aws_iam_role.service) == 8
    error_message = "Studio, two kinds of people, and the catalog."
  }
  assert {
    condition = data.aws_iam_policy_document.pass_role.statement[0].resources == toset([
      "arn:aws:iam::111111111111:role/retail-dev-execution", "arn:aws:iam::111111111111:role/retail-dev-pipeline",
    ])
    error_message = "No other role may be passed."
  }
  assert {
    condition = [
      for statement in data.aws_iam_policy_document.studio.statement : statement.not_resources if statement.sid == "NoOtherRoles"
    ][0] == data.aws_iam_policy_document.pass_role.statement[0].resources
    error_message = "Whatever is attached later, no other role may be passed."
  }
}

run "data_scientists_approve_nothing" {
  command = plan
  variables {
    workplace = {}
  }

  assert {
    condition = contains([
      for statement in data.aws_iam_policy_document.data_scientist.statement : statement.actions if statement.sid == "NoApprovalsNoProjects" && statement.effect == "Deny"
    ][0], "sagemaker:UpdateModelPackage")
    error_message = "Approving is the leads'."
  }
  assert {
    condition = [
      for statement in data.aws_iam_policy_document.work.statement : one(statement.condition[*].test) if statement.sid == "Register"
    ] == ["StringEqualsIfExists"]
    error_message = "What a pipeline registers waits for approval."
  }
}

run "a_shared_account_is_told_apart_by_names" {
  command = plan
  variables {
    resource_names = ["retail-dev-*"]
  }

  assert {
    condition     = local.named == ["arn:aws:sagemaker:eu-west-1:111111111111:*/retail-dev-*"]
    error_message = "Other environments' resources are out of reach."
  }
}

run "a_token_is_matched_letter_by_letter" {
  command = plan
  variables {
    ci = {
      provider_arn = "arn:aws:iam::111111111111:oidc-provider/forge"
      issuer       = "forge"
      subjects     = ["repo:acme/*"]
    }
  }
  expect_failures = [var.ci]
}

run "ci_has_one_way_in" {
  command = plan
  variables {
    ci = {}
  }
  expect_failures = [var.ci]
}

run "a_boundary_is_a_policy" {
  command = plan
  variables {
    permissions_boundary = "none"
  }
  expect_failures = [var.permissions_boundary]
}

run "names_are_beginnings" {
  command = plan
  variables {
    resource_names = ["retail"]
  }
  expect_failures = [var.resource_names]
}
