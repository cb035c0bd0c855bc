# The central registry of a unit: a bucket for artefacts, and model package groups that the environments' accounts read and,
# where they train, register into. The key's policy must name the same accounts.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  partition = data.aws_partition.current.partition
  owner     = "arn:${local.partition}:sagemaker:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}"
  roots     = { for account in setunion(var.readers, var.writers) : account => "arn:${local.partition}:iam::${account}:root" }
}

module "artefacts" {
  source = "../bucket"

  name        = var.bucket
  kms_key_arn = var.kms_key_arn
  access = {
    readers = [for account in var.readers : local.roots[account]]
    writers = [for account in var.writers : local.roots[account]]
  }
  lifecycle_days = { abort_uploads = 7 }
  log_bucket     = var.log_bucket
  force_destroy  = var.force_destroy
  tags           = var.tags
}

resource "aws_sagemaker_model_package_group" "this" {
  for_each = var.groups

  model_package_group_name        = each.key
  model_package_group_description = each.value
  tags                            = var.tags
}

data "aws_iam_policy_document" "group" {
  for_each = length(local.roots) > 0 ? var.groups : {}

  statement {
    sid = "Read"
    actions = [
      "sagemaker:CreateModel", # from a version: the model is made in the reader's account
      "sagemaker:DescribeModelPackage",
      "sagemaker:DescribeModelPackageGroup",
      "sagemaker:ListModelPackages",
    ]
    resources = [
      "${local.owner}:model-package-group/${each.key}",
      "${local.owner}:model-package/${each.key}/*",
    ]

    principals {
      type        = "AWS"
      identifiers = values(local.roots)
    }
  }

  dynamic "statement" {
    for_each = length(var.writers) > 0 ? [var.writers] : []

    content {
      sid     = "Register"
      actions = ["sagemaker:CreateModelPackage"]
      resources = [
        "${local.owner}:model-package-group/${each.key}",
        "${local.owner}:model-package/${each.key}/*",
      ]

      principals {
        type        = "AWS"
        identifiers = [for account in statement.value : local.roots[account]]
      }
    }
  }
}

resource "aws_sagemaker_model_package_group_policy" "this" {
  for_each = length(local.roots) > 0 ? var.groups : {}

  model_package_group_name = aws_sagemaker_model_package_group.this[each.key].model_package_group_name
  resource_policy          = data.aws_iam_policy_document.group[each.key].json
}
