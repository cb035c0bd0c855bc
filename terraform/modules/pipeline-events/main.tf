# What starts a pipeline and what its end starts: schedules, mails about failures, retraining when a check finds drift, and
# whatever an approval sets off. What could not be delivered is kept in a queue, and the topic is told.

data "aws_caller_identity" "current" {}

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  partition = data.aws_partition.current.partition
  account   = data.aws_caller_identity.current.account_id
  region    = data.aws_region.current.name
  events    = "arn:${local.partition}:events:${local.region}:${local.account}:rule/${var.name}-*"

  # In ARNs, SageMaker may write a pipeline's name in small letters.
  failed = {
    for key, rule in var.failures : "${key}-failed" => {
      description = "Executions that ended badly: ${join(", ", rule.statuses)}"
      pattern = {
        source        = ["aws.sagemaker"]
        "detail-type" = ["SageMaker Model Building Pipeline Execution Status Change"]
        detail        = { pipelineArn = [{ "equals-ignore-case" = rule.pipeline_arn }], currentPipelineExecutionStatus = sort(rule.statuses) }
      }
      paths = { execution = "$.detail.pipelineExecutionArn", status = "$.detail.currentPipelineExecutionStatus" }
      text  = "Pipeline execution <execution>: <status>."
    }
  }

  drifted = {
    for key, rule in var.drift : "${key}-drift" => {
      description = "Checks that found drift: ${join(", ", rule.steps)}"
      pattern = {
        source        = ["aws.sagemaker"]
        "detail-type" = ["SageMaker Model Building Pipeline Execution Step Status Change"]
        detail        = { pipelineArn = [{ "equals-ignore-case" = rule.pipeline_arn }], stepName = sort(rule.steps), currentStepStatus = ["Failed"] }
      }
      paths = { execution = "$.detail.pipelineExecutionArn", step = "$.detail.stepName" }
      text  = "Drift: step <step> of <execution> failed. Retraining starts."
    }
  }

  approved = {
    for key, rule in var.approvals : "${key}-approval" => {
      description = "Versions of ${rule.group} that became ${join(", ", rule.statuses)}"
      pattern = {
        source        = ["aws.sagemaker"]
        "detail-type" = ["SageMaker Model Package State Change"]
        detail        = { ModelPackageGroupName = [rule.group], ModelApprovalStatus = sort(rule.statuses) }
      }
      paths = rule.statuses == toset(["PendingManualApproval"]) ? local.waiting.paths : { package = "$.detail.ModelPackageArn", status = "$.detail.ModelApprovalStatus" }
      text  = rule.statuses == toset(["PendingManualApproval"]) ? local.waiting.text : "Version <package>: <status>."
    }
  }

  # What a version says of itself is in the event, where its pipeline wrote it: a comparison with the version in use.
  waiting = {
    paths = {
      package     = "$.detail.ModelPackageArn"
      group       = "$.detail.ModelPackageGroupName"
      version     = "$.detail.ModelPackageVersion"
      description = "$.detail.ModelPackageDescription"
      comparison  = "$.detail.CustomerMetadataProperties.comparison"
      reason      = "$.detail.ApprovalDescription"
    }
    text = "Version <version> of <group> waits for approval: <package> <description> <comparison> <reason>"
  }

  rules = merge(local.failed, local.drifted, local.approved)

  # A function that decides on drift tells what it decided.
  decided = [for key, rule in var.drift : "${key}-drift" if rule.function != null]
  told    = { for key, rule in local.rules : key => rule if var.notify && !contains(local.decided, key) }

  starts = merge(
    { for key, rule in var.drift : "${key}-drift" => { pipeline_arn = rule.retrain_arn, parameters = rule.parameters } if rule.function == null },
    { for key, rule in var.approvals : "${key}-approval" => { pipeline_arn = rule.pipeline.arn, parameters = rule.pipeline.parameters } if rule.pipeline != null },
  )
  calls = merge(
    { for key, rule in var.drift : "${key}-drift" => rule.function.arn if rule.function != null },
    { for key, rule in var.approvals : "${key}-approval" => rule.function.arn if rule.function != null },
  )

  # ARNs may not be known before pipelines are made, so that they are not what counts.
  pipelines   = concat([for start in local.starts : start.pipeline_arn], [for schedule in var.schedules : schedule.pipeline_arn])
  starts_some = length(local.starts) + length(var.schedules) > 0
}

resource "aws_cloudwatch_event_rule" "this" {
  for_each = local.rules

  name          = "${var.name}-${each.key}"
  description   = each.value.description
  event_pattern = jsonencode(each.value.pattern)
  state         = var.enabled ? "ENABLED" : "DISABLED"
  tags          = var.tags
}

resource "aws_cloudwatch_event_target" "topic" {
  for_each = local.told

  rule      = aws_cloudwatch_event_rule.this[each.key].name
  target_id = "topic"
  arn       = var.topic_arn

  input_transformer {
    input_paths    = each.value.paths
    input_template = "\"${each.value.text}\"" # jsonencode would escape the brackets
  }

  dead_letter_config {
    arn = aws_sqs_queue.dead_letters.arn
  }
}

resource "aws_cloudwatch_event_target" "pipeline" {
  for_each = local.starts

  rule      = aws_cloudwatch_event_rule.this[each.key].name
  target_id = "pipeline"
  arn       = each.value.pipeline_arn
  role_arn  = aws_iam_role.this[0].arn

  dynamic "sagemaker_pipeline_target" {
    for_each = length(each.value.parameters) > 0 ? [each.value.parameters] : []

    content {
      dynamic "pipeline_parameter_list" {
        for_each = sagemaker_pipeline_target.value

        content {
          name  = pipeline_parameter_list.key
          value = pipeline_parameter_list.value
        }
      }
    }
  }

  dead_letter_config {
    arn = aws_sqs_queue.dead_letters.arn
  }
}

resource "aws_cloudwatch_event_target" "function" {
  for_each = local.calls

  rule      = aws_cloudwatch_event_rule.this[each.key].name
  target_id = "function"
  arn       = each.value

  dead_letter_config {
    arn = aws_sqs_queue.dead_letters.arn
  }
}

resource "aws_lambda_permission" "this" {
  for_each = local.calls

  statement_id   = "${var.name}-${each.key}"
  function_name  = each.value
  action         = "lambda:InvokeFunction"
  principal      = "events.amazonaws.com"
  source_arn     = aws_cloudwatch_event_rule.this[each.key].arn
  source_account = local.account
}

resource "aws_scheduler_schedule_group" "this" {
  count = length(var.schedules) > 0 ? 1 : 0

  name = var.name
  tags = var.tags
}

resource "aws_scheduler_schedule" "this" {
  for_each = var.schedules

  name                         = "${var.name}-${each.key}"
  description                  = each.value.description
  group_name                   = aws_scheduler_schedule_group.this[0].name
  schedule_expression          = each.value.expression
  schedule_expression_timezone = each.value.timezone
  state                        = var.enabled && each.value.enabled ? "ENABLED" : "DISABLED"
  kms_key_arn                  = var.kms_key_arn

  flexible_time_window {
    mode                      = each.value.flexible_minutes > 0 ? "FLEXIBLE" : "OFF"
    maximum_window_in_minutes = each.value.flexible_minutes > 0 ? each.value.flexible_minutes : null
  }

  target {
    arn      = each.value.pipeline_arn
    role_arn = aws_iam_role.this[0].arn

    dynamic "sagemaker_pipeline_parameters" {
      for_each = length(each.value.parameters) > 0 ? [each.value.parameters] : []

      content {
        dynamic "pipeline_parameter" {
          for_each = sagemaker_pipeline_parameters.value

          content {
            name  = pipeline_parameter.key
            value = pipeline_parameter.value
          }
        }
      }
    }

    dead_letter_config {
      arn = aws_sqs_queue.dead_letters.arn
    }

    retry_policy {
      maximum_event_age_in_seconds = 3600
      maximum_retry_attempts       = 10
    }
  }
}
