# The roles that jobs, pipelines, schedules, people and CI act by, and the policies that roles of projects are made of. Each
# may do its work and no more, within a permissions boundary, and only for this account. Whoever may not approve a model,
# create a project or touch a role cannot have it done by a job, a pipeline or a function either.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  partition = data.aws_partition.current.partition
  account   = data.aws_caller_identity.current.account_id
  region    = data.aws_region.current.name

  here      = "${local.region}:${local.account}"
  sagemaker = "arn:${local.partition}:sagemaker:${local.here}"
  iam       = "arn:${local.partition}:iam::${local.account}"
  # What people and pipelines name, and what SageMaker names when a pipeline starts jobs.
  named  = [for name in sort(var.resource_names) : "${local.sagemaker}:*/${name}"]
  worked = concat(local.named, ["${local.sagemaker}:*/pipelines-*"])

  # Written rather than looked up: policies name roles that are made of them.
  passed  = ["${local.iam}:role/${var.name}-execution", "${local.iam}:role/${var.name}-pipeline"]
  project = "${local.iam}:role/${var.name}-project-*"

  trusted = merge(
    {
      execution = ["sagemaker.amazonaws.com"]
      pipeline  = ["sagemaker.amazonaws.com"]
      events    = ["events.amazonaws.com", "scheduler.amazonaws.com"]
      functions = ["lambda.amazonaws.com"]
    },
    var.workplace == null ? {} : {
      studio         = ["sagemaker.amazonaws.com"]
      data-scientist = ["sagemaker.amazonaws.com"]
      lead           = ["sagemaker.amazonaws.com"]
      catalog-launch = ["servicecatalog.amazonaws.com"]
    },
  )

  attached = merge(
    {
      execution = ["s3", "related", "vpc"]
      pipeline  = ["s3", "related", "vpc", "execution", "pass-role", "inside-vpc"]
    },
    var.workplace == null ? {} : {
      studio         = ["s3", "related", "vpc"]
      data-scientist = ["s3", "related", "vpc", "execution", "pass-role", "inside-vpc"]
      lead           = ["s3", "related", "vpc", "execution", "pass-role", "inside-vpc"]
    },
    var.ci == null ? {} : { deploy = ["s3", "related", "pass-role", "inside-vpc"] },
  )

  own = merge(
    {
      execution = data.aws_iam_policy_document.execution.json
      events    = data.aws_iam_policy_document.events.json
      functions = data.aws_iam_policy_document.functions.json
    },
    local.calls ? { pipeline = data.aws_iam_policy_document.pipeline.json } : {},
    var.workplace == null ? {} : {
      data-scientist = data.aws_iam_policy_document.data_scientist.json
      lead           = data.aws_iam_policy_document.lead.json
      catalog-launch = data.aws_iam_policy_document.catalog.json
    },
    var.ci == null ? {} : { deploy = data.aws_iam_policy_document.deploy.json },
  )

  roles = merge(aws_iam_role.service, { for role in aws_iam_role.deploy : "deploy" => role })
}

data "aws_iam_policy_document" "trust" {
  for_each = local.trusted

  # A Studio domain that records whose session it was sets the identity; jobs inherit it.
  statement {
    actions = contains(each.value, "sagemaker.amazonaws.com") ? ["sts:AssumeRole", "sts:SetSourceIdentity"] : ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = each.value
    }

    # A service that was asked by another account does not get in.
    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

resource "aws_iam_role" "service" {
  for_each = local.trusted

  name                 = "${var.name}-${each.key}"
  assume_role_policy   = data.aws_iam_policy_document.trust[each.key].json
  permissions_boundary = var.permissions_boundary
  tags                 = var.tags
}

resource "aws_iam_policy" "project" {
  for_each = local.documents

  name        = "${var.name}-project-${each.key}"
  description = local.purposes[each.key]
  policy      = each.value
  tags        = var.tags
}

resource "aws_iam_role_policy_attachment" "project" {
  for_each = merge([for role, policies in local.attached : { for policy in policies : "${role}/${policy}" => { role = role, policy = policy } }]...)

  role       = local.roles[each.value.role].name
  policy_arn = aws_iam_policy.project[each.value.policy].arn
}

resource "aws_iam_role_policy" "own" {
  for_each = local.own

  name   = "own"
  role   = local.roles[each.key].id
  policy = each.value
}

# --- What jobs, pipelines and schedules do beyond the policies of projects.

# Code in jobs says what it measured.
data "aws_iam_policy_document" "execution" {
  statement {
    sid = "Experiments"
    actions = [
      "sagemaker:AssociateTrialComponent",
      "sagemaker:BatchPutMetrics",
      "sagemaker:CreateExperiment",
      "sagemaker:CreateTrial",
      "sagemaker:CreateTrialComponent",
      "sagemaker:UpdateTrialComponent",
    ]
    resources = local.worked
  }

  statement {
    sid       = "Look"
    actions   = ["sagemaker:BatchDescribeModelPackage", "sagemaker:Describe*"]
    resources = ["${local.sagemaker}:*"]
  }

  # Training jobs write the models that pipelines register.
  dynamic "statement" {
    for_each = try(var.registry.registers, false) ? [var.registry] : []

    content {
      sid       = "RegistryArtifacts"
      actions   = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"]
      resources = ["arn:${local.partition}:s3:::${statement.value.bucket}/*"]
    }
  }

  dynamic "statement" {
    for_each = try(var.registry.registers, false) ? [var.registry] : []

    content {
      sid       = "RegistryKey"
      actions   = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"]
      resources = [statement.value.key_arn]
    }
  }
}

locals {
  calls = length(var.callbacks.functions) + length(var.callbacks.queues) > 0 || try(var.registry.registers, false)
}

data "aws_iam_policy_document" "pipeline" {
  dynamic "statement" {
    for_each = length(var.callbacks.functions) > 0 ? [var.callbacks.functions] : []

    content {
      sid       = "Functions"
      actions   = ["lambda:InvokeFunction"]
      resources = statement.value
    }
  }

  dynamic "statement" {
    for_each = length(var.callbacks.queues) > 0 ? [var.callbacks.queues] : []

    content {
      sid       = "Queues"
      actions   = ["sqs:SendMessage"]
      resources = statement.value
    }
  }

  # What is registered centrally waits for approval there, too.
  dynamic "statement" {
    for_each = try(var.registry.registers, false) ? [var.registry] : []

    content {
      sid     = "Register"
      actions = ["sagemaker:CreateModelPackage"]
      resources = [
        for name in sort(var.resource_names) : "arn:${local.partition}:sagemaker:${local.region}:${statement.value.account}:model-package*/${name}"
      ]

      condition {
        test     = "StringEqualsIfExists"
        variable = "sagemaker:ModelApprovalStatus"
        values   = ["PendingManualApproval"]
      }
    }
  }

  dynamic "statement" {
    for_each = try(var.registry.registers, false) ? [var.registry] : []

    content {
      sid       = "RegistryArtifacts"
      actions   = ["s3:AbortMultipartUpload", "s3:GetObject", "s3:PutObject"]
      resources = ["arn:${local.partition}:s3:::${statement.value.bucket}/*"]
    }
  }

  dynamic "statement" {
    for_each = try(var.registry.registers, false) ? [var.registry] : []

    content {
      sid       = "RegistryKey"
      actions   = ["kms:Decrypt", "kms:DescribeKey", "kms:GenerateDataKey"]
      resources = [statement.value.key_arn]
    }
  }
}

data "aws_iam_policy_document" "events" {
  statement {
    sid       = "Start"
    actions   = ["sagemaker:StartPipelineExecution"]
    resources = [for name in sort(var.resource_names) : "${local.sagemaker}:pipeline/${name}"]
  }
}

# Functions that pipelines call look versions up: here, and in the central registry.
data "aws_iam_policy_document" "functions" {
  statement {
    sid       = "Logs"
    actions   = ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"]
    resources = ["arn:${local.partition}:logs:${local.here}:log-group:/aws/lambda/*"]
  }

  statement {
    sid     = "Versions"
    actions = ["sagemaker:DescribeModelPackage", "sagemaker:ListModelPackages"]
    resources = [
      for pair in setproduct(sort(distinct(compact([local.account, try(var.registry.account, null)]))), sort(var.resource_names)) :
      "arn:${local.partition}:sagemaker:${local.region}:${pair[0]}:model-package*/${pair[1]}"
    ]
  }
}
