mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "444444444444" }
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
  account = "444444444444"
  region  = "eu-west-1"
  prefix  = "acme-retail-operations"
  names = {
    bucket     = { logs = "acme-retail-operations-logs-444444444444", registry = "acme-retail-operations-registry-444444444444" }
    repository = { training = "acme-retail-operations-training", serving = "acme-retail-operations-serving" }
    table      = { ledger = "acme-retail-operations-ledger" }
    topic      = { notifications = "acme-retail-operations-notifications" }
    budget     = { monthly = "acme-retail-operations-monthly" }
  }
  environments = [
    { name = "dev", account = "111111111111" },
    { name = "prod", account = "333333333333" },
  ]
  parameters = {
    "/ropeway/acme/retail/operations/buckets/registry" = { key = "buckets/registry", about = "name of the registry's bucket" }
    "/ropeway/acme/retail/operations/note"             = { key = "note", about = "known", value = "text" }
  }
}

run "environments_read_and_only_the_first_registers" {
  command = plan

  assert {
    condition     = local.accounts == toset(["111111111111", "333333333333"]) && local.trains == toset(["111111111111"])
    error_message = "Models are registered where people work."
  }
  assert {
    condition     = toset(local.purposes.artifacts.users) == toset(["arn:aws:iam::111111111111:root"]) && toset(local.purposes.artifacts.readers) == toset(["arn:aws:iam::333333333333:root"])
    error_message = "Who registers encrypts with the artifacts key, the other environments decrypt, nobody else does either."
  }
  assert {
    condition     = length(module.approvals) == 0
    error_message = "Nobody asked to be told of versions that wait."
  }
}

run "an_environment_that_retrains_registers_too" {
  command = plan
  variables {
    model_groups = { severity = "Versions of severity" }
    waiting      = { severity = "severity" }
    writers      = ["333333333333"]
  }

  assert {
    condition     = local.trains == toset(["111111111111", "333333333333"]) && toset(local.purposes.artifacts.users) == toset(["arn:aws:iam::111111111111:root", "arn:aws:iam::333333333333:root"])
    error_message = "The account that retrains writes to the registry."
  }
  assert {
    condition     = keys(module.approvals[0].rule_arns) == ["severity-approval"]
    error_message = "People are told of versions that wait."
  }
}

run "writers_are_environments" {
  command = plan
  variables {
    writers = ["999999999999"]
  }
  expect_failures = [var.writers]
}

run "what_waits_is_a_group_that_is_there" {
  command = plan
  variables {
    waiting = { severity = "severity" }
  }
  expect_failures = [var.waiting]
}

run "every_parameter_is_published" {
  command = plan

  assert {
    condition     = toset(keys(aws_ssm_parameter.this)) == toset(keys(var.parameters))
    error_message = "What the configuration lists is published."
  }
  assert {
    condition     = aws_ssm_parameter.this["/ropeway/acme/retail/operations/note"].insecure_value == "text"
    error_message = "What the configuration knows is published as it says."
  }
}

run "a_budget_is_made_when_asked_for" {
  command = plan
  variables {
    monthly_budget = 100
  }

  assert {
    condition     = length(module.budget) == 1
    error_message = "A budget was asked for."
  }
}

run "your_own_key_is_not_made_again" {
  command = plan
  variables {
    own_keys = { artifacts = "arn:aws:kms:eu-west-1:444444444444:key/own" }
  }

  assert {
    condition     = keys(module.keys.aliases) == ["logs", "notifications", "secrets"] && local.keys.artifacts == var.own_keys.artifacts
    error_message = "A key of your own takes the place of one."
  }
}

run "an_account_has_twelve_digits" {
  command = plan
  variables {
    account = "44444"
  }
  expect_failures = [var.account]
}

run "a_prefix_is_three_words" {
  command = plan
  variables {
    prefix = "acme"
  }
  expect_failures = [var.prefix]
}
