# One environment of a unit: network, keys, buckets, roles, functions and events; Studio and the project catalog where people
# work. Composition only. Nothing is looked up in other accounts: their names follow from the same configuration.

data "aws_partition" "current" {}

data "aws_availability_zones" "available" {
  state = "available"
}

locals {
  partition = data.aws_partition.current.partition
  boundary  = "arn:${local.partition}:iam::${var.account}:policy/${var.permissions_boundary}"
  keys      = merge(module.keys.arns, var.own_keys)

  purposes = {
    data      = { description = "Data, volumes and Studio's files" }
    artifacts = { description = "Models, reports and code" }
    logs      = { description = "Log groups and functions", services = ["logs.${var.region}.amazonaws.com"] }
    notifications = {
      description = "Topics, queues and schedules"
      services    = ["budgets.amazonaws.com", "cloudwatch.amazonaws.com", "events.amazonaws.com", "sns.amazonaws.com"]
    }
    secrets = { description = "Secrets" }
  }

  buckets = {
    data      = { key = "data", events = true, expire = null }
    artifacts = { key = "artifacts", events = false, expire = null }
    capture   = { key = "data", events = false, expire = 365 }
  }
}

module "keys" {
  source = "../../modules/keys"

  name = var.prefix
  keys = { for purpose, key in local.purposes : purpose => key if !contains(keys(var.own_keys), purpose) }
}

module "network" {
  source = "../../modules/network"
  count  = var.network.vpc == null ? 1 : 0

  name                 = var.prefix
  cidr                 = var.network.cidr
  zones                = slice(data.aws_availability_zones.available.names, 0, var.network.zones)
  nat                  = var.network.nat ? "single" : "none"
  interface_endpoints  = var.interface_endpoints
  flow_logs            = { kms_key_arn = local.keys.logs }
  permissions_boundary = local.boundary
}

locals {
  network = {
    vpc_id             = var.network.vpc == null ? one(module.network[*].vpc_id) : var.network.vpc
    subnet_ids         = var.network.vpc == null ? one(module.network[*].subnet_ids) : var.network.subnets
    security_group_ids = var.network.vpc == null ? module.network[*].security_group_id : var.network.security_groups
  }
}

module "logs" {
  source = "../../modules/bucket"

  name           = var.names.bucket.logs
  takes_logs     = true
  lifecycle_days = { expire = 365, expire_noncurrent = 30, abort_uploads = 7 }
  force_destroy  = var.disposable
}

module "buckets" {
  source   = "../../modules/bucket"
  for_each = local.buckets

  name           = var.names.bucket[each.key]
  kms_key_arn    = local.keys[each.value.key]
  events         = each.value.events
  log_bucket     = { name = module.logs.name }
  lifecycle_days = { expire = each.value.expire, expire_noncurrent = 90, abort_uploads = 7 }
  force_destroy  = var.disposable
}

module "notifications" {
  source = "../../modules/notifications"

  name        = var.names.topic.notifications
  kms_key_arn = local.keys.notifications
  emails      = var.emails
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
