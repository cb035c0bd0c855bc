# The retraining loop of a use case: its inference pipeline by the clock, mails about failures, and a function that is called
# when a check of it fails and decides: drift retrains, as often as allowed, and anything else is told. The pipelines are
# named, not made: CI brings them. The function runs once at a time, so that two reports cannot both find the cool-down over.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  sagemaker = "arn:${data.aws_partition.current.partition}:sagemaker:${data.aws_region.current.name}:${data.aws_caller_identity.current.account_id}"

  inference = "${local.sagemaker}:pipeline/${var.inference_pipeline}"
  train     = "${local.sagemaker}:pipeline/${var.train_pipeline}"

  # In ARNs, SageMaker may write a pipeline's name in small letters.
  inferences = distinct([local.inference, "${local.sagemaker}:pipeline/${lower(var.inference_pipeline)}"])
  trains     = distinct([local.train, "${local.sagemaker}:pipeline/${lower(var.train_pipeline)}"])
}

data "aws_iam_policy_document" "this" {
  statement {
    sid       = "Facts"
    actions   = ["sagemaker:ListPipelineExecutions"]
    resources = concat(local.inferences, local.trains)
  }

  statement {
    sid       = "Checks"
    actions   = ["sagemaker:DescribePipelineExecution", "sagemaker:ListPipelineExecutionSteps"]
    resources = [for arn in local.inferences : "${arn}/execution/*"]
  }

  # Where the data lie that a check read is told by its job.
  statement {
    sid       = "Jobs"
    actions   = ["sagemaker:DescribeProcessingJob"]
    resources = ["${local.sagemaker}:processing-job/pipelines-*"]
  }

  statement {
    sid       = "Retrain"
    actions   = ["sagemaker:DescribePipeline", "sagemaker:StartPipelineExecution"]
    resources = local.trains
  }

  statement {
    sid       = "Reports"
    actions   = ["s3:GetObject"]
    resources = [for place in sort(var.reports.places) : "arn:${data.aws_partition.current.partition}:s3:::${place}/*constraint_violations.json"]
  }

  dynamic "statement" {
    for_each = length(var.reports.key_arns) > 0 ? [var.reports.key_arns] : []

    content {
      sid       = "ReportsKeys"
      actions   = ["kms:Decrypt"]
      resources = statement.value
    }
  }

  statement {
    sid       = "Tell"
    actions   = ["sns:Publish"]
    resources = [var.topic_arn]
  }

  statement {
    sid       = "TopicsKey"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.key_arns.messages]
  }
}

module "function" {
  source = "../function"

  name                 = "${var.name}-retraining"
  description          = "Decides whether a failed check of ${var.inference_pipeline} retrains"
  handler              = "ropeway.functions.retraining.handler"
  package              = var.package
  policy_json          = data.aws_iam_policy_document.this.json
  kms_key_arn          = var.key_arns.function
  limits               = { timeout_seconds = 120, concurrency = 1 }
  alarms               = { topic_arn = var.topic_arn }
  permissions_boundary = var.permissions_boundary
  tags                 = var.tags

  environment = {
    RETRAINING = jsonencode({
      use_case        = var.name
      inference       = var.inference_pipeline
      train           = var.train_pipeline
      checks          = sort(var.checks)
      drift           = sort(var.drift_kinds)
      parameters      = var.parameters
      windows         = var.windows
      cool_down_hours = var.cool_down_hours
      budget          = var.budget
      topic           = var.topic_arn
    })
  }
}

module "events" {
  source = "../pipeline-events"

  name                 = var.name
  kms_key_arn          = var.key_arns.messages
  topic_arn            = var.topic_arn
  enabled              = var.enabled
  permissions_boundary = var.permissions_boundary
  tags                 = var.tags

  schedules = { for schedule in var.schedule[*] : "inference" => merge(schedule, {
    pipeline_arn = local.inference
    description  = "Starts ${var.inference_pipeline}"
  }) }

  failures = {
    for key, rule in {
      inference = { pipeline_arn = local.inference, statuses = var.failures.inference }
      train     = { pipeline_arn = local.train, statuses = var.failures.train }
    } : key => rule if length(rule.statuses) > 0
  }

  drift = {
    data = {
      pipeline_arn = local.inference
      steps        = var.checks
      function     = { arn = module.function.arn }
    }
  }
}
