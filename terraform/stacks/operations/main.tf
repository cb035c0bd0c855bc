# What a unit's environments share: the registry, images, the ledger. Composition only; other accounts are told by number,
# and derive every name here from the same configuration.

data "aws_partition" "current" {}

locals {
  partition = data.aws_partition.current.partition
  accounts  = toset(var.environments[*].account)
  # Models are registered where people work, and where drift retrains; the other environments read.
  trains = setunion([var.environments[0].account], var.writers)
  roots  = { for account in local.accounts : account => "arn:${local.partition}:iam::${account}:root" }
  keys   = merge(module.keys.arns, var.own_keys)

  purposes = {
    artifacts = {
      description = "Models, images and the ledger"
      users       = [for account, root in local.roots : root if contains(local.trains, account)]
      readers     = [for account, root in local.roots : root if !contains(local.trains, account)]
    }
    logs = { description = "Log groups", services = ["logs.${var.region}.amazonaws.com"] }
    notifications = {
      description = "Topics"
      services    = ["budgets.amazonaws.com", "cloudwatch.amazonaws.com", "events.amazonaws.com", "sns.amazonaws.com"]
    }
    secrets = { description = "Secrets" }
  }
}

module "keys" {
  source = "../../modules/keys"

  name = var.prefix
  keys = { for purpose, key in local.purposes : purpose => key if !contains(keys(var.own_keys), purpose) }
}

module "logs" {
  source = "../../modules/bucket"

  name           = var.names.bucket.logs
  takes_logs     = true
  lifecycle_days = { expire = 365, expire_noncurrent = 30, abort_uploads = 7 }
  force_destroy  = var.disposable
}

module "registry" {
  source = "../../modules/registry"

  bucket        = var.names.bucket.registry
  kms_key_arn   = local.keys.artifacts
  groups        = var.model_groups
  readers       = local.accounts
  writers       = local.trains
  log_bucket    = { name = module.logs.name }
  force_destroy = var.disposable
}

module "images" {
  source = "../../modules/images"

  repositories  = toset(values(var.names.repository))
  kms_key_arn   = local.keys.artifacts
  readers       = local.accounts
  force_destroy = var.disposable
}

module "ledger" {
  source = "../../modules/ledger"

  name                = var.names.table.ledger
  kms_key_arn         = local.keys.artifacts
  deletion_protection = !var.disposable
}

module "notifications" {
  source = "../../modules/notifications"

  name        = var.names.topic.notifications
  kms_key_arn = local.keys.notifications
  emails      = var.emails
}

module "approvals" {
  source = "../../modules/pipeline-events"
  count  = length(var.waiting) > 0 ? 1 : 0

  name        = var.prefix
  kms_key_arn = local.keys.notifications
  topic_arn   = module.notifications.arn
  approvals   = { for word, group in var.waiting : word => { group = group, statuses = ["PendingManualApproval"] } }
}

module "budget" {
  source = "../../modules/budget"
  count  = var.monthly_budget == null ? 0 : 1

  name        = var.names.budget.monthly
  monthly_usd = var.monthly_budget
  topic_arn   = module.notifications.arn
}

module "quotas" {
  source = "../../modules/quotas"

  quotas = var.quotas
}
