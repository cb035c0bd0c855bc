# What the project catalog makes of a template: a stack, a bucket, a model package group, rules, and roles within the boundary
# that only have the policies of projects and what the template itself says. People cannot take this role.

locals {
  platform_buckets = concat(
    local.buckets,
    var.buckets.catalog[*],
    ["${var.name}-logs-${local.account}", "${var.name}-tfstate-${local.account}"],
  )
}

data "aws_iam_policy_document" "catalog" {
  statement {
    sid = "Stacks"
    actions = [
      "cloudformation:CreateStack",
      "cloudformation:DeleteStack",
      "cloudformation:DescribeStackEvents",
      "cloudformation:DescribeStackResource",
      "cloudformation:DescribeStackResources",
      "cloudformation:DescribeStacks",
      "cloudformation:GetTemplateSummary",
      "cloudformation:ListStackResources",
      "cloudformation:SetStackPolicy",
      "cloudformation:UpdateStack",
    ]
    resources = ["arn:${local.partition}:cloudformation:${local.here}:stack/SC-*"]
  }

  # A template that is no stack yet has no ARN.
  statement {
    sid       = "Check"
    actions   = ["cloudformation:GetTemplateSummary", "cloudformation:ValidateTemplate"]
    resources = ["*"]
  }

  # Service Catalog keeps copies of templates in buckets of its own, which only the tag tells.
  statement {
    sid       = "CopiesOfTemplates"
    actions   = ["s3:GetObject"]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "s3:ExistingObjectTag/servicecatalog:provisioning"
      values   = ["true"]
    }
  }

  dynamic "statement" {
    for_each = var.buckets.catalog[*]

    content {
      sid       = "Templates"
      actions   = ["s3:GetObject", "s3:GetObjectVersion"]
      resources = ["arn:${local.partition}:s3:::${statement.value}/*"]
    }
  }

  statement {
    sid       = "TemplatesKeys"
    actions   = ["kms:Decrypt"]
    resources = sort(var.key_arns)
  }

  statement {
    sid = "ProjectBuckets"
    actions = [
      "s3:CreateBucket",
      "s3:DeleteBucket",
      "s3:DeleteBucketPolicy",
      "s3:GetBucket*",
      "s3:GetEncryptionConfiguration",
      "s3:GetLifecycleConfiguration",
      "s3:PutBucketLogging",
      "s3:PutBucketOwnershipControls",
      "s3:PutBucketPolicy",
      "s3:PutBucketPublicAccessBlock",
      "s3:PutBucketTagging",
      "s3:PutBucketVersioning",
      "s3:PutEncryptionConfiguration",
      "s3:PutLifecycleConfiguration",
    ]
    resources = ["arn:${local.partition}:s3:::${var.name}-*-${local.account}"]
  }

  statement {
    sid       = "NotThePlatforms"
    effect    = "Deny"
    actions   = ["s3:DeleteBucket*", "s3:PutBucket*", "s3:PutEncryptionConfiguration", "s3:PutLifecycleConfiguration"]
    resources = [for bucket in distinct(local.platform_buckets) : "arn:${local.partition}:s3:::${bucket}"]
  }

  statement {
    sid       = "Groups"
    actions   = ["sagemaker:AddTags", "sagemaker:CreateModelPackageGroup", "sagemaker:DeleteModelPackageGroup", "sagemaker:DescribeModelPackageGroup", "sagemaker:ListTags"]
    resources = local.named
  }

  statement {
    sid = "Repositories"
    actions = [
      "sagemaker:AddTags",
      "sagemaker:CreateCodeRepository",
      "sagemaker:DeleteCodeRepository",
      "sagemaker:DescribeCodeRepository",
      "sagemaker:UpdateCodeRepository",
    ]
    resources = ["${local.sagemaker}:code-repository/*"]
  }

  statement {
    sid = "Roles"
    actions = [
      "iam:CreateRole",
      "iam:DeleteRolePolicy",
      "iam:DetachRolePolicy",
      "iam:PutRolePolicy",
    ]
    resources = [local.project]

    condition {
      test     = "StringEquals"
      variable = "iam:PermissionsBoundary"
      values   = [var.permissions_boundary]
    }
  }

  statement {
    sid       = "PoliciesOfProjects"
    actions   = ["iam:AttachRolePolicy"]
    resources = [local.project]

    condition {
      test     = "StringEquals"
      variable = "iam:PermissionsBoundary"
      values   = [var.permissions_boundary]
    }

    condition {
      test     = "ArnLike"
      variable = "iam:PolicyARN"
      values   = ["${local.iam}:policy/${var.name}-project-*"]
    }
  }

  statement {
    sid       = "HandleRoles"
    actions   = ["iam:DeleteRole", "iam:GetRole", "iam:GetRolePolicy", "iam:ListAttachedRolePolicies", "iam:ListRolePolicies", "iam:TagRole", "iam:UntagRole"]
    resources = [local.project]
  }

  statement {
    sid       = "Rules"
    actions   = ["events:DeleteRule", "events:DescribeRule", "events:ListTargetsByRule", "events:PutRule", "events:PutTargets", "events:RemoveTargets", "events:TagResource"]
    resources = ["arn:${local.partition}:events:${local.here}:rule/${var.name}-*"]
  }

  dynamic "statement" {
    for_each = length(try(var.workplace.create_project, [])) > 0 ? [var.workplace.create_project] : []

    content {
      sid       = "Repository"
      actions   = ["lambda:InvokeFunction"]
      resources = statement.value
    }
  }

  dynamic "statement" {
    for_each = length(try(var.workplace.start_delivery, [])) > 0 ? [var.workplace.start_delivery] : []

    content {
      sid       = "Delivery"
      actions   = ["lambda:AddPermission", "lambda:RemovePermission"]
      resources = statement.value

      condition {
        test     = "StringEquals"
        variable = "lambda:Principal"
        values   = ["events.amazonaws.com"]
      }
    }
  }

  dynamic "statement" {
    for_each = var.parameter_path[*]

    content {
      sid       = "Parameters"
      actions   = ["ssm:GetParameter", "ssm:GetParameters"]
      resources = ["arn:${local.partition}:ssm:${local.here}:parameter${statement.value}/*"]
    }
  }
}
