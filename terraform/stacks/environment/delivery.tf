# What happens when a version is registered or approved, a pipeline fails, or drift is found. The functions' code is
# src/ropeway/functions, zipped by `python -m ropeway.functions.package`.

locals {
  package = {
    file   = "${path.module}/functions.zip"
    sha256 = filebase64sha256("${path.module}/functions.zip")
  }
  forge = merge(
    { FORGE_KIND = var.forge.kind, FORGE_SECRET = aws_secretsmanager_secret.forge.name },
    var.forge.host == null ? {} : { FORGE_HOST = var.forge.host },
  )
}

# Terraform makes the secret and never knows what is in it: people put the forge's token there.
resource "aws_secretsmanager_secret" "forge" {
  #checkov:skip=CKV2_AWS_57:the forge issues the token, which AWS cannot rotate
  name                    = var.names.secret["forge-token"]
  description             = "Token of the forge: starts deliveries and makes repositories"
  kms_key_id              = local.keys.secrets
  recovery_window_in_days = var.disposable ? 0 : 30
}

data "aws_iam_policy_document" "forge" {
  statement {
    sid       = "Token"
    actions   = ["secretsmanager:GetSecretValue"]
    resources = [aws_secretsmanager_secret.forge.arn]
  }

  statement {
    sid       = "TokensKey"
    actions   = ["kms:Decrypt"]
    resources = [local.keys.secrets]
  }
}

data "aws_iam_policy_document" "decide" {
  count = length(var.approval_rules) > 0 ? 1 : 0

  statement {
    sid     = "Versions"
    actions = ["sagemaker:DescribeModelPackage", "sagemaker:UpdateModelPackage"]
    resources = [
      for rule in var.approval_rules : "arn:${local.partition}:sagemaker:${var.region}:${var.account}:model-package/${rule.group}/*"
    ]
  }

  statement {
    sid       = "Metrics"
    actions   = ["s3:GetObject"]
    resources = ["${module.buckets["artifacts"].arn}/*"]
  }

  statement {
    sid       = "MetricsKey"
    actions   = ["kms:Decrypt"]
    resources = [local.keys.artifacts]
  }
}

module "start_delivery" {
  source = "../../modules/function"

  name                 = var.names.function.start-delivery
  description          = "Tells CI that a model was approved"
  handler              = "ropeway.functions.start_delivery.handler"
  package              = local.package
  policy_json          = data.aws_iam_policy_document.forge.json
  kms_key_arn          = local.keys.logs
  limits               = { timeout_seconds = 90, concurrency = -1 }
  permissions_boundary = local.boundary
  alarms               = { topic_arn = module.notifications.arn }
  environment = merge(local.forge, {
    DELIVERIES = jsonencode({
      for delivery in var.deliveries : delivery.group => {
        repository = delivery.repository
        workflow   = delivery.workflow
        ref        = delivery.ref
      }
    })
  })
}

module "create_project" {
  source = "../../modules/function"
  count  = var.first ? 1 : 0

  name                 = var.names.function.create-project
  description          = "Creates a project's repository"
  handler              = "ropeway.functions.create_project.handler"
  package              = local.package
  policy_json          = data.aws_iam_policy_document.forge.json
  kms_key_arn          = local.keys.logs
  limits               = { timeout_seconds = 300, concurrency = -1 }
  permissions_boundary = local.boundary
  alarms               = { topic_arn = module.notifications.arn }
  environment          = local.forge
}

module "approval_rules" {
  source = "../../modules/function"
  count  = length(var.approval_rules) > 0 ? 1 : 0

  name                 = var.names.function.approval-rules
  description          = "Decides on versions by their metrics"
  handler              = "ropeway.functions.approval_rules.handler"
  package              = local.package
  policy_json          = data.aws_iam_policy_document.decide[0].json
  kms_key_arn          = local.keys.logs
  limits               = { concurrency = -1 }
  permissions_boundary = local.boundary
  alarms               = { topic_arn = module.notifications.arn }
  environment = {
    RULES = jsonencode({
      for rule in var.approval_rules : rule.group => {
        for metric, bound in rule.metrics : metric => { for side, value in bound : side => value if value != null }
      }
    })
  }
}

module "events" {
  source = "../../modules/pipeline-events"

  name                 = var.prefix
  kms_key_arn          = local.keys.notifications
  topic_arn            = module.notifications.arn
  schedules            = var.events.schedules
  failures             = var.events.failures
  drift                = var.events.drift
  permissions_boundary = local.boundary
  approvals = merge(
    {
      for key, delivery in var.deliveries : key => {
        group    = delivery.group
        function = { arn = module.start_delivery.arn }
      }
    },
    {
      for key, rule in var.approval_rules : "${key}-rules" => {
        group    = rule.group
        statuses = ["PendingManualApproval"]
        function = { arn = one(module.approval_rules[*].arn) }
      }
    },
  )
}
