# The policy that keeps jobs inside the network and under its keys; policies.tf has the others.

data "aws_iam_policy_document" "inside_vpc" {
  # A transform job runs where its model does, a monitoring schedule where its job definition does.
  statement {
    sid       = "Nowhere"
    effect    = "Deny"
    actions   = local.networked
    resources = ["*"]

    condition {
      test     = "Null"
      variable = "sagemaker:VpcSubnets"
      values   = ["true"]
    }
  }

  statement {
    sid       = "ElsewhereBySubnet"
    effect    = "Deny"
    actions   = concat(local.networked, local.scheduled)
    resources = ["*"]

    condition {
      test     = "ForAnyValue:StringNotEquals"
      variable = "sagemaker:VpcSubnets"
      values   = sort(var.network.subnet_ids)
    }
  }

  statement {
    sid       = "ElsewhereByGroup"
    effect    = "Deny"
    actions   = concat(local.networked, local.scheduled)
    resources = ["*"]

    condition {
      test     = "ForAnyValue:StringNotEquals"
      variable = "sagemaker:VpcSecurityGroupIds"
      values   = sort(var.network.security_group_ids)
    }
  }

  # Keys are named by ARN, or not at all: an instance whose disk encrypts itself takes none.
  dynamic "statement" {
    for_each = { Volume = "sagemaker:VolumeKmsKey", Output = "sagemaker:OutputKmsKey" }

    content {
      sid       = "KeysOfOthers${statement.key}"
      effect    = "Deny"
      actions   = ["sagemaker:Create*"]
      resources = ["*"]

      condition {
        test     = "Null"
        variable = statement.value
        values   = ["false"]
      }

      condition {
        test     = "ArnNotEquals"
        variable = statement.value
        values   = sort(var.key_arns)
      }
    }
  }
}

locals {
  networked = [
    "sagemaker:CreateAutoMLJob",
    "sagemaker:CreateAutoMLJobV2",
    "sagemaker:CreateDataQualityJobDefinition",
    "sagemaker:CreateHyperParameterTuningJob",
    "sagemaker:CreateModel",
    "sagemaker:CreateModelBiasJobDefinition",
    "sagemaker:CreateModelExplainabilityJobDefinition",
    "sagemaker:CreateModelQualityJobDefinition",
    "sagemaker:CreateProcessingJob",
    "sagemaker:CreateTrainingJob",
  ]
  scheduled = ["sagemaker:CreateMonitoringSchedule", "sagemaker:UpdateMonitoringSchedule"]
}
