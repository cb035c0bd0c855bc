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
  mock_data "aws_availability_zones" {
    defaults = { names = ["eu-west-1a", "eu-west-1b", "eu-west-1c"] }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

variables {
  account              = "111111111111"
  region               = "eu-west-1"
  prefix               = "acme-retail-dev"
  permissions_boundary = "acme-retail-dev-boundary"
  parameter_path       = "/ropeway/acme/retail/dev"
  names = {
    bucket = {
      logs      = "acme-retail-dev-logs-111111111111"
      data      = "acme-retail-dev-data-111111111111"
      artifacts = "acme-retail-dev-artifacts-111111111111"
      capture   = "acme-retail-dev-capture-111111111111"
      catalog   = "acme-retail-dev-catalog-111111111111"
    }
    function = {
      start-delivery = "acme-retail-dev-start-delivery"
      create-project = "acme-retail-dev-create-project"
      approval-rules = "acme-retail-dev-approval-rules"
    }
    topic     = { notifications = "acme-retail-dev-notifications" }
    domain    = { studio = "acme-retail-dev-studio" }
    portfolio = { projects = "acme-retail-dev-projects" }
    secret    = { forge-token = "acme-retail-dev-forge-token" }
    budget    = { monthly = "acme-retail-dev-monthly" }
  }
  environments = [{ name = "dev", account = "111111111111" }]
  operations = {
    account = "444444444444"
    region  = "eu-west-1"
    names = {
      bucket     = { registry = "acme-retail-operations-registry-444444444444" }
      repository = { training = "acme-retail-operations-training" }
    }
  }
  forge = { kind = "github", organization = "acme-ml", repository = "platform" }
  parameters = {
    "/ropeway/acme/retail/dev/network/private-subnet-ids" = { key = "network/private-subnet-ids", about = "subnets", many = true }
    "private-subnets-ids"                                 = { key = "network/private-subnet-ids", about = "subnets", many = true }
    "/ropeway/acme/retail/dev/forge/organization"         = { key = "forge/organization", about = "group", value = "acme-ml" }
  }
}

run "an_environment_in_a_network_of_its_own" {
  command = plan

  assert {
    condition     = length(module.network) == 1 && keys(module.buckets) == ["artifacts", "capture", "data"]
    error_message = "Network and buckets are made."
  }
  assert {
    condition     = toset(keys(aws_ssm_parameter.this)) == toset(keys(var.parameters)) && aws_ssm_parameter.this["private-subnets-ids"].type == "StringList"
    error_message = "What the configuration lists is published, under each of its names."
  }
  assert {
    condition     = length(module.studio) == 0 && length(module.catalog) == 0 && length(module.create_project) == 0 && length(module.approval_rules) == 0 && length(module.budget) == 0
    error_message = "Projects are made in the first environment; rules and budgets when asked for."
  }
  assert {
    condition     = aws_secretsmanager_secret.forge.recovery_window_in_days == 30
    error_message = "A secret can be brought back."
  }
}

run "the_first_environment_makes_projects" {
  command = plan
  variables {
    first = true
    users = { data_scientists = ["kim"], leads = ["lee"] }
  }

  assert {
    condition     = length(module.create_project) == 1 && length(module.studio) == 1 && length(module.catalog) == 1
    error_message = "People work in the first environment."
  }
}

run "a_network_of_your_own_is_used_as_it_is" {
  command = plan
  variables {
    network = { vpc = "vpc-1", subnets = ["subnet-1", "subnet-2"], security_groups = ["sg-1"] }
  }

  assert {
    condition     = length(module.network) == 0 && aws_ssm_parameter.this["private-subnets-ids"].insecure_value == "subnet-1,subnet-2"
    error_message = "Nothing is made beside it."
  }
}

run "your_own_key_is_not_made_again" {
  command = plan
  variables {
    own_keys = { data = "arn:aws:kms:eu-west-1:111111111111:key/own" }
  }

  assert {
    condition     = keys(module.keys.aliases) == ["artifacts", "logs", "notifications", "secrets"] && local.keys.data == var.own_keys.data
    error_message = "A key of your own takes the place of one."
  }
}

run "a_network_of_your_own_needs_its_parts" {
  command = plan
  variables {
    network = { vpc = "vpc-1" }
  }
  expect_failures = [var.network]
}

run "a_rule_must_name_a_metric" {
  command = plan
  variables {
    approval_rules = { churn = { group = "churn", metrics = {} } }
  }
  expect_failures = [var.approval_rules]
}

run "deliveries_and_rules_are_functions_input" {
  command = plan
  variables {
    deliveries     = { churn = { group = "churn", repository = "acme-ml/churn" } }
    approval_rules = { churn = { group = "churn", metrics = { "metrics.accuracy.value" = { at_least = 0.9 } } } }
  }

  assert {
    condition     = length(module.approval_rules) == 1 && keys(module.events.rule_arns) == ["churn-approval", "churn-rules-approval"]
    error_message = "Each has a rule of its own."
  }
}

run "a_use_case_that_retrains_registers_versions" {
  command = plan
  variables {
    first = false
    retraining = {
      severity = {
        inference = "severity-inference"
        train     = "severity-train"
        checks    = ["Check"]
        schedule  = { expression = "cron(0 23 * * ? *)" }
      }
    }
  }

  assert {
    condition     = keys(module.retraining) == ["severity"] && keys(module.retraining["severity"].rule_arns) == ["data-drift", "inference-failed", "train-failed"]
    error_message = "A loop is made for the use case."
  }
}
