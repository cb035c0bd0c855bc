# Who may do what: jobs, pipelines, CI's deliveries; people and the project catalog where they are.

locals {
  # The registry's key is known by the account that it is in: of the keys there, its key policy lets this account use that one
  # alone.
  registry_key = coalesce(var.operations.artifacts_key, "arn:${local.partition}:kms:${var.operations.region}:${var.operations.account}:key/*")

  images = [
    for name in values(var.operations.names.repository) :
    "arn:${local.partition}:ecr:${var.operations.region}:${var.operations.account}:repository/${name}"
  ]
}

module "roles" {
  source = "../../modules/job-roles"

  name                 = var.prefix
  permissions_boundary = local.boundary
  resource_names       = var.resource_names
  parameter_path       = var.parameter_path
  key_arns             = [local.keys.data, local.keys.artifacts]
  images               = { repository_arns = local.images }

  ci = {
    provider_arn = one([for ci in var.ci[*] : "arn:${local.partition}:iam::${var.account}:oidc-provider/${ci.issuer}"])
    issuer       = one(var.ci[*].issuer)
    audience     = one(var.ci[*].audience)
    subjects     = try(var.ci.subjects, [])
    principals   = var.ci == null ? ["arn:${local.partition}:iam::${var.account}:root"] : []
  }

  buckets = {
    work    = [for purpose in keys(local.buckets) : var.names.bucket[purpose]]
    catalog = var.first ? var.names.bucket.catalog : null
  }

  network = {
    subnet_ids         = local.network.subnet_ids
    security_group_ids = local.network.security_group_ids
  }

  registry = {
    account   = var.operations.account
    bucket    = var.operations.names.bucket.registry
    key_arn   = local.registry_key
    registers = var.first || length(var.retraining) > 0
  }

  callbacks = {
    functions = flatten([
      for loop in var.retraining : [for name in loop.functions : "arn:${local.partition}:lambda:${var.region}:${var.account}:function:${name}"]
    ])
  }

  workplace = var.first ? {
    create_project = module.create_project[*].arn
    start_delivery = [module.start_delivery.arn]
  } : null
}
