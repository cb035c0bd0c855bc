# The role that starts pipelines, and the queue of what could not be delivered. The queue's policy is part of the queue: a
# resource of its own would wait another half a minute.

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com", "scheduler.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

data "aws_iam_policy_document" "start" {
  count = local.starts_some ? 1 : 0

  statement {
    sid       = "Start"
    actions   = ["sagemaker:StartPipelineExecution"]
    resources = distinct(local.pipelines)
  }

  statement {
    sid       = "DeadLetters"
    actions   = ["sqs:SendMessage"]
    resources = ["arn:${local.partition}:sqs:${local.region}:${local.account}:${var.name}-dead-letters"]
  }

  statement {
    sid       = "Key"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.kms_key_arn]
  }
}

resource "aws_iam_role" "this" {
  count = local.starts_some ? 1 : 0

  name                 = var.name
  assume_role_policy   = data.aws_iam_policy_document.trust.json
  permissions_boundary = var.permissions_boundary
  tags                 = var.tags
}

resource "aws_iam_role_policy" "this" {
  count = local.starts_some ? 1 : 0

  name   = "start"
  role   = aws_iam_role.this[0].id
  policy = data.aws_iam_policy_document.start[0].json
}

data "aws_iam_policy_document" "queue" {
  statement {
    sid       = "Rules"
    actions   = ["sqs:SendMessage"]
    resources = ["arn:${local.partition}:sqs:${local.region}:${local.account}:${var.name}-dead-letters"]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }

    condition {
      test     = "ArnLike"
      variable = "aws:SourceArn"
      values   = [local.events]
    }
  }
}

resource "aws_sqs_queue" "dead_letters" {
  name                      = "${var.name}-dead-letters"
  kms_master_key_id         = var.kms_key_arn
  message_retention_seconds = 1209600
  policy                    = data.aws_iam_policy_document.queue.json
  tags                      = var.tags
}

resource "aws_cloudwatch_metric_alarm" "dead_letters" {
  count = var.notify ? 1 : 0

  alarm_name          = "${var.name}-dead-letters"
  alarm_description   = "Events of ${var.name} could not be delivered"
  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = aws_sqs_queue.dead_letters.name }
  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  threshold           = 0
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.topic_arn]
  tags                = var.tags
}
