# What CI does with what was approved: models, endpoints, pipelines and schedules of this environment. Whoever may take the
# role is the token's business: one repository and one environment of the forge, letter by letter.

data "aws_iam_policy_document" "ci" {
  count = var.ci == null ? 0 : 1

  dynamic "statement" {
    for_each = var.ci.provider_arn[*]

    content {
      actions = ["sts:AssumeRoleWithWebIdentity"]

      principals {
        type        = "Federated"
        identifiers = [statement.value]
      }

      condition {
        test     = "StringEquals"
        variable = "${var.ci.issuer}:aud"
        values   = [var.ci.audience]
      }

      condition {
        test     = "StringEquals"
        variable = "${var.ci.issuer}:sub"
        values   = sort(var.ci.subjects)
      }
    }
  }

  dynamic "statement" {
    for_each = length(var.ci.principals) > 0 ? [var.ci.principals] : []

    content {
      actions = ["sts:AssumeRole"]

      principals {
        type        = "AWS"
        identifiers = sort(statement.value)
      }
    }
  }
}

resource "aws_iam_role" "deploy" {
  count = var.ci == null ? 0 : 1

  name                 = "${var.name}-deploy"
  assume_role_policy   = data.aws_iam_policy_document.ci[0].json
  permissions_boundary = var.permissions_boundary
  tags                 = var.tags
}

data "aws_iam_policy_document" "deploy" {
  statement {
    sid = "Serving"
    actions = [
      "sagemaker:AddTags",
      "sagemaker:CreateDataQualityJobDefinition",
      "sagemaker:CreateEndpoint",
      "sagemaker:CreateEndpointConfig",
      "sagemaker:CreateModel",
      "sagemaker:CreateModelBiasJobDefinition",
      "sagemaker:CreateModelExplainabilityJobDefinition",
      "sagemaker:CreateModelPackage",
      "sagemaker:CreateModelPackageGroup",
      "sagemaker:CreateModelQualityJobDefinition",
      "sagemaker:CreateMonitoringSchedule",
      "sagemaker:CreatePipeline",
      "sagemaker:CreateTransformJob",
      "sagemaker:DeleteEndpoint",
      "sagemaker:DeleteEndpointConfig",
      "sagemaker:DeleteModel",
      "sagemaker:DeleteMonitoringSchedule",
      "sagemaker:DeletePipeline",
      "sagemaker:InvokeEndpoint",
      "sagemaker:StartMonitoringSchedule",
      "sagemaker:StartPipelineExecution",
      "sagemaker:StopMonitoringSchedule",
      "sagemaker:StopPipelineExecution",
      "sagemaker:StopTransformJob",
      "sagemaker:UpdateEndpoint",
      "sagemaker:UpdateEndpointWeightsAndCapacities",
      "sagemaker:UpdateModelPackage",
      "sagemaker:UpdateMonitoringSchedule",
      "sagemaker:UpdatePipeline",
    ]
    resources = local.named
  }

  statement {
    sid       = "Describe"
    actions   = ["sagemaker:BatchDescribeModelPackage", "sagemaker:Describe*"]
    resources = ["${local.sagemaker}:*"]
  }

  # Lists, searches and descriptions of scaling have no resource.
  statement {
    sid       = "List"
    actions   = ["application-autoscaling:Describe*", "cloudwatch:DescribeAlarms", "sagemaker:List*", "sagemaker:Search"]
    resources = ["*"]
  }

  statement {
    sid = "Scaling"
    actions = [
      "application-autoscaling:DeleteScalingPolicy",
      "application-autoscaling:DeregisterScalableTarget",
      "application-autoscaling:PutScalingPolicy",
      "application-autoscaling:RegisterScalableTarget",
      "application-autoscaling:TagResource",
    ]
    resources = ["arn:${local.partition}:application-autoscaling:${local.here}:scalable-target/*"]

    condition {
      test     = "StringEqualsIfExists"
      variable = "application-autoscaling:service-namespace"
      values   = ["sagemaker"]
    }
  }

  # A pipeline is deployed with the functions of its Lambda steps: those alone, and none of the platform's.
  dynamic "statement" {
    for_each = length(var.callbacks.functions) > 0 ? [var.callbacks.functions] : []

    content {
      sid = "Functions"
      actions = [
        "lambda:CreateFunction",
        "lambda:GetFunction",
        "lambda:GetFunctionConfiguration",
        "lambda:TagResource",
        "lambda:UpdateFunctionCode",
        "lambda:UpdateFunctionConfiguration",
      ]
      resources = statement.value
    }
  }

  dynamic "statement" {
    for_each = length(var.callbacks.functions) > 0 ? ["${local.iam}:role/${var.name}-functions"] : []

    content {
      sid       = "FunctionsRole"
      actions   = ["iam:PassRole"]
      resources = [statement.value]

      condition {
        test     = "StringEquals"
        variable = "iam:PassedToService"
        values   = ["lambda.amazonaws.com"]
      }
    }
  }

  statement {
    sid       = "ScalingsRole"
    actions   = ["iam:CreateServiceLinkedRole"]
    resources = ["${local.iam}:role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/*"]

    condition {
      test     = "StringEquals"
      variable = "iam:AWSServiceName"
      values   = ["sagemaker.application-autoscaling.amazonaws.com"]
    }
  }

  statement {
    sid     = "Watching"
    actions = ["cloudwatch:DeleteAlarms", "cloudwatch:DeleteDashboards", "cloudwatch:GetDashboard", "cloudwatch:PutDashboard", "cloudwatch:PutMetricAlarm", "cloudwatch:TagResource"]
    resources = [
      "arn:${local.partition}:cloudwatch:${local.here}:alarm:${var.name}-*",
      "arn:${local.partition}:cloudwatch::${local.account}:dashboard/${var.name}-*",
    ]
  }

  statement {
    sid = "Schedules"
    actions = [
      "events:DeleteRule",
      "events:DescribeRule",
      "events:ListTargetsByRule",
      "events:PutRule",
      "events:PutTargets",
      "events:RemoveTargets",
      "events:TagResource",
      "scheduler:CreateSchedule",
      "scheduler:DeleteSchedule",
      "scheduler:GetSchedule",
      "scheduler:UpdateSchedule",
    ]
    resources = [
      "arn:${local.partition}:events:${local.here}:rule/${var.name}-*",
      "arn:${local.partition}:scheduler:${local.here}:schedule/*/${var.name}-*",
    ]
  }

  statement {
    sid       = "SchedulesRole"
    actions   = ["iam:PassRole"]
    resources = ["${local.iam}:role/${var.name}-events"]

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["events.amazonaws.com", "scheduler.amazonaws.com"]
    }
  }
}
