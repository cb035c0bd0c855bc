# The policies that roles of projects are made of, and ours too: what the templates of projects attach, published by ARN.

locals {
  purposes = {
    s3         = "Buckets of the environment, and their keys"
    related    = "Logs, metrics, images and parameters of SageMaker jobs"
    vpc        = "Interfaces of jobs in the network"
    execution  = "Jobs, pipelines, experiments, endpoints; versions that wait for approval"
    pass-role  = "Hand the roles of jobs and pipelines to SageMaker"
    inside-vpc = "No job outside the network, and none with keys of others"
  }
  documents = {
    s3         = data.aws_iam_policy_document.s3.json
    related    = data.aws_iam_policy_document.related.json
    vpc        = data.aws_iam_policy_document.vpc.json
    execution  = data.aws_iam_policy_document.work.json
    pass-role  = data.aws_iam_policy_document.pass_role.json
    inside-vpc = data.aws_iam_policy_document.inside_vpc.json
  }
  buckets  = sort(setunion(var.buckets.work, var.buckets.read))
  registry = var.registry[*]
}

data "aws_iam_policy_document" "s3" {
  statement {
    sid       = "Buckets"
    actions   = ["s3:GetBucketLocation", "s3:ListBucket", "s3:ListBucketMultipartUploads"]
    resources = [for bucket in concat(local.buckets, local.registry[*].bucket) : "arn:${local.partition}:s3:::${bucket}"]
  }

  statement {
    sid       = "Read"
    actions   = ["s3:GetObject", "s3:GetObjectVersion"]
    resources = [for bucket in concat(local.buckets, local.registry[*].bucket) : "arn:${local.partition}:s3:::${bucket}/*"]
  }

  statement {
    sid       = "Write"
    actions   = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:ListMultipartUploadParts", "s3:PutObject"]
    resources = [for bucket in sort(var.buckets.work) : "arn:${local.partition}:s3:::${bucket}/*"]
  }

  statement {
    sid       = "Keys"
    actions   = ["kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
    resources = sort(var.key_arns)
  }

  # Encrypted volumes are attached by grants: only those that AWS's services make.
  statement {
    sid       = "Volumes"
    actions   = ["kms:CreateGrant"]
    resources = sort(var.key_arns)

    condition {
      test     = "Bool"
      variable = "kms:GrantIsForAWSResource"
      values   = ["true"]
    }
  }

  dynamic "statement" {
    for_each = local.registry

    content {
      sid       = "RegistryKey"
      actions   = ["kms:Decrypt", "kms:DescribeKey"]
      resources = [statement.value.key_arn]
    }
  }
}

data "aws_iam_policy_document" "related" {
  statement {
    sid = "Logs"
    actions = [
      "logs:CreateLogGroup",
      "logs:CreateLogStream",
      "logs:DescribeLogStreams",
      "logs:FilterLogEvents",
      "logs:GetLogEvents",
      "logs:PutLogEvents",
    ]
    resources = [
      "arn:${local.partition}:logs:${local.here}:log-group:/aws/sagemaker/*",
    ]
  }

  # Metrics have no ARN: the namespace bounds what is written.
  statement {
    sid       = "PutMetrics"
    actions   = ["cloudwatch:PutMetricData"]
    resources = ["*"]

    condition {
      test     = "StringLike"
      variable = "cloudwatch:namespace"
      values   = ["/aws/sagemaker/*", "AWS/SageMaker*", "aws/sagemaker/*", "Ropeway*"]
    }
  }

  # Neither have these a resource.
  statement {
    sid = "Look"
    actions = [
      "cloudwatch:GetMetricData",
      "cloudwatch:GetMetricStatistics",
      "cloudwatch:ListMetrics",
      "ecr:GetAuthorizationToken",
      "logs:DescribeLogGroups",
    ]
    resources = ["*"]
  }

  statement {
    sid     = "Images"
    actions = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:DescribeImages", "ecr:GetDownloadUrlForLayer"]
    resources = concat(
      sort(var.images.repository_arns),
      [for name in sort(var.images.aws_repositories) : "arn:${local.partition}:ecr:${local.region}:*:repository/${name}"],
    )
  }

  dynamic "statement" {
    for_each = var.parameter_path[*]

    content {
      sid       = "Parameters"
      actions   = ["ssm:GetParameter", "ssm:GetParameters", "ssm:GetParametersByPath"]
      resources = ["arn:${local.partition}:ssm:${local.here}:parameter${statement.value}", "arn:${local.partition}:ssm:${local.here}:parameter${statement.value}/*"]
    }
  }

  dynamic "statement" {
    for_each = local.registry

    content {
      sid     = "Registry"
      actions = ["sagemaker:BatchDescribeModelPackage", "sagemaker:CreateModel", "sagemaker:DescribeModelPackage", "sagemaker:DescribeModelPackageGroup", "sagemaker:ListModelPackages"]
      resources = [
        for name in sort(var.resource_names) : "arn:${local.partition}:sagemaker:${local.region}:${statement.value.account}:model-package*/${name}"
      ]
    }
  }
}

data "aws_iam_policy_document" "vpc" {
  # Descriptions have no resource.
  statement {
    sid = "Look"
    actions = [
      "ec2:DescribeDhcpOptions",
      "ec2:DescribeNetworkInterfaces",
      "ec2:DescribeSecurityGroups",
      "ec2:DescribeSubnets",
      "ec2:DescribeVpcEndpoints",
      "ec2:DescribeVpcs",
    ]
    resources = ["*"]
  }

  statement {
    sid     = "Make"
    actions = ["ec2:CreateNetworkInterface"]
    resources = concat(
      ["arn:${local.partition}:ec2:${local.here}:network-interface/*"],
      local.subnets,
      [for group in sort(var.network.security_group_ids) : "arn:${local.partition}:ec2:${local.here}:security-group/${group}"],
    )
  }

  statement {
    sid       = "Handle"
    actions   = ["ec2:CreateNetworkInterfacePermission", "ec2:DeleteNetworkInterface", "ec2:DeleteNetworkInterfacePermission"]
    resources = ["arn:${local.partition}:ec2:${local.here}:network-interface/*"]

    condition {
      test     = "ArnEquals"
      variable = "ec2:Subnet"
      values   = local.subnets
    }
  }
}

locals {
  subnets = [for subnet in sort(var.network.subnet_ids) : "arn:${local.partition}:ec2:${local.here}:subnet/${subnet}"]
}

data "aws_iam_policy_document" "work" {
  statement {
    sid = "Jobs"
    actions = [
      "sagemaker:AddTags",
      "sagemaker:CreateAutoMLJob",
      "sagemaker:CreateAutoMLJobV2",
      "sagemaker:CreateHyperParameterTuningJob",
      "sagemaker:CreateModel",
      "sagemaker:CreateProcessingJob",
      "sagemaker:CreateTrainingJob",
      "sagemaker:CreateTransformJob",
      "sagemaker:DeleteModel",
      "sagemaker:StopAutoMLJob",
      "sagemaker:StopHyperParameterTuningJob",
      "sagemaker:StopProcessingJob",
      "sagemaker:StopTrainingJob",
      "sagemaker:StopTransformJob",
      "sagemaker:UpdateTrainingJob",
    ]
    resources = local.worked
  }

  statement {
    sid = "Pipelines"
    actions = [
      "sagemaker:CreatePipeline",
      "sagemaker:DeletePipeline",
      "sagemaker:RetryPipelineExecution",
      "sagemaker:SendPipelineExecutionStepFailure",
      "sagemaker:SendPipelineExecutionStepSuccess",
      "sagemaker:StartPipelineExecution",
      "sagemaker:StopPipelineExecution",
      "sagemaker:UpdatePipeline",
      "sagemaker:UpdatePipelineExecution",
    ]
    resources = local.named
  }

  statement {
    sid = "Experiments"
    actions = [
      "sagemaker:AssociateTrialComponent",
      "sagemaker:BatchPutMetrics",
      "sagemaker:CreateExperiment",
      "sagemaker:CreateTrial",
      "sagemaker:CreateTrialComponent",
      "sagemaker:DisassociateTrialComponent",
      "sagemaker:UpdateExperiment",
      "sagemaker:UpdateTrial",
      "sagemaker:UpdateTrialComponent",
    ]
    resources = local.worked
  }

  statement {
    sid = "Serving"
    actions = [
      "sagemaker:CreateDataQualityJobDefinition",
      "sagemaker:CreateEndpoint",
      "sagemaker:CreateEndpointConfig",
      "sagemaker:CreateModelBiasJobDefinition",
      "sagemaker:CreateModelExplainabilityJobDefinition",
      "sagemaker:CreateModelQualityJobDefinition",
      "sagemaker:CreateMonitoringSchedule",
      "sagemaker:DeleteEndpoint",
      "sagemaker:DeleteEndpointConfig",
      "sagemaker:DeleteMonitoringSchedule",
      "sagemaker:InvokeEndpoint",
      "sagemaker:InvokeEndpointAsync",
      "sagemaker:StartMonitoringSchedule",
      "sagemaker:StopMonitoringSchedule",
      "sagemaker:UpdateEndpoint",
      "sagemaker:UpdateEndpointWeightsAndCapacities",
      "sagemaker:UpdateMonitoringSchedule",
    ]
    resources = local.worked
  }

  statement {
    sid       = "Groups"
    actions   = ["sagemaker:CreateModelPackageGroup"]
    resources = local.named
  }

  # Without a status a version waits for approval, too.
  statement {
    sid       = "Register"
    actions   = ["sagemaker:CreateModelPackage"]
    resources = local.named

    condition {
      test     = "StringEqualsIfExists"
      variable = "sagemaker:ModelApprovalStatus"
      values   = ["PendingManualApproval"]
    }
  }

  statement {
    sid       = "Describe"
    actions   = ["sagemaker:BatchDescribeModelPackage", "sagemaker:BatchGetMetrics", "sagemaker:Describe*", "sagemaker:GetModelPackageGroupPolicy"]
    resources = ["${local.sagemaker}:*"]
  }

  # Lists and searches have no resource.
  statement {
    sid       = "List"
    actions   = ["sagemaker:GetSearchSuggestions", "sagemaker:List*", "sagemaker:QueryLineage", "sagemaker:Search"]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "pass_role" {
  statement {
    sid       = "PassRole"
    actions   = ["iam:PassRole"]
    resources = local.passed

    condition {
      test     = "StringEquals"
      variable = "iam:PassedToService"
      values   = ["sagemaker.amazonaws.com"]
    }
  }

  statement {
    sid       = "GetRole"
    actions   = ["iam:GetRole"]
    resources = local.passed
  }
}
