# Data scientists try, train and register; leads also approve and create projects. Both act within Studio, and neither gets
# round it: not by handing another role to a job, nor by the code of a function, the trust of a role or somebody's profile.

data "aws_iam_policy_document" "studio" {
  # Private spaces, and their apps, of the profile that asks.
  statement {
    sid       = "OwnSpaces"
    actions   = ["sagemaker:CreateApp", "sagemaker:CreateSpace", "sagemaker:DeleteApp", "sagemaker:DeleteSpace", "sagemaker:UpdateSpace"]
    resources = ["${local.sagemaker}:app/*", "${local.sagemaker}:space/*"]

    condition {
      test     = "ArnLike"
      variable = "sagemaker:OwnerUserProfileArn"
      values   = ["${local.sagemaker}:user-profile/&{sagemaker:DomainId}/&{sagemaker:UserProfileName}"]
    }

    condition {
      test     = "StringEquals"
      variable = "sagemaker:SpaceSharingType"
      values   = ["Private"]
    }
  }

  statement {
    sid           = "NoOtherRoles"
    effect        = "Deny"
    actions       = ["iam:PassRole"]
    not_resources = local.passed
  }

  statement {
    sid       = "NoOtherServices"
    effect    = "Deny"
    actions   = ["iam:PassRole"]
    resources = ["*"]

    condition {
      test     = "StringNotEquals"
      variable = "iam:PassedToService"
      values   = ["sagemaker.amazonaws.com"]
    }
  }

  statement {
    sid    = "NoWayRound"
    effect = "Deny"
    actions = [
      "iam:Add*",
      "iam:Attach*",
      "iam:Create*",
      "iam:Delete*",
      "iam:Detach*",
      "iam:Put*",
      "iam:Remove*",
      "iam:Set*",
      "iam:Tag*",
      "iam:Untag*",
      "iam:Update*",
      "kms:DisableKey",
      "kms:PutKeyPolicy",
      "kms:ScheduleKeyDeletion",
      "lambda:Add*",
      "lambda:Create*",
      "lambda:Delete*",
      "lambda:Publish*",
      "lambda:Put*",
      "lambda:Update*",
      "s3:DeleteBucket*",
      "s3:PutBucket*",
      "sagemaker:CreateDomain",
      "sagemaker:CreateNotebookInstance",
      "sagemaker:CreatePresigned*",
      "sagemaker:CreateStudioLifecycleConfig",
      "sagemaker:CreateUserProfile",
      "sagemaker:DeleteDomain",
      "sagemaker:DeleteModelPackageGroupPolicy",
      "sagemaker:DeleteStudioLifecycleConfig",
      "sagemaker:DeleteUserProfile",
      "sagemaker:PutModelPackageGroupPolicy",
      "sagemaker:UpdateDomain",
      "sagemaker:UpdateUserProfile",
      "secretsmanager:GetSecretValue",
      "servicecatalog:Accept*",
      "servicecatalog:Associate*",
      "servicecatalog:Create*",
      "servicecatalog:Delete*",
      "servicecatalog:Disassociate*",
      "servicecatalog:Update*Artifact",
      "servicecatalog:UpdateConstraint",
      "servicecatalog:UpdatePortfolio",
      "servicecatalog:UpdateProduct",
      "ssm:DeleteParameter*",
      "ssm:PutParameter",
      "sts:AssumeRole*",
    ]
    resources = ["*"]
  }
}

data "aws_iam_policy_document" "data_scientist" {
  source_policy_documents = [data.aws_iam_policy_document.studio.json]

  statement {
    sid    = "NoApprovalsNoProjects"
    effect = "Deny"
    actions = [
      "sagemaker:CreateProject",
      "sagemaker:DeleteModelPackage",
      "sagemaker:DeleteModelPackageGroup",
      "sagemaker:DeleteProject",
      "sagemaker:UpdateModelPackage",
      "sagemaker:UpdateProject",
      "servicecatalog:ExecuteProvisionedProduct*",
      "servicecatalog:ProvisionProduct",
      "servicecatalog:TerminateProvisionedProduct",
      "servicecatalog:UpdateProvisionedProduct*",
    ]
    resources = ["*"]
  }

  statement {
    sid       = "NothingBornApproved"
    effect    = "Deny"
    actions   = ["sagemaker:CreateModelPackage"]
    resources = ["*"]

    condition {
      test     = "Null"
      variable = "sagemaker:ModelApprovalStatus"
      values   = ["false"]
    }

    condition {
      test     = "StringNotEquals"
      variable = "sagemaker:ModelApprovalStatus"
      values   = ["PendingManualApproval"]
    }
  }
}

data "aws_iam_policy_document" "lead" {
  source_policy_documents = [data.aws_iam_policy_document.studio.json]

  statement {
    sid       = "Approve"
    actions   = ["sagemaker:CreateModelPackage", "sagemaker:DeleteModelPackage", "sagemaker:DeleteModelPackageGroup", "sagemaker:UpdateModelPackage"]
    resources = local.named
  }

  statement {
    sid       = "Projects"
    actions   = ["sagemaker:CreateProject", "sagemaker:DeleteProject", "sagemaker:UpdateProject"]
    resources = ["${local.sagemaker}:project/*"]
  }

  statement {
    sid       = "Catalog"
    actions   = ["servicecatalog:DescribeProduct", "servicecatalog:DescribeProvisioningParameters", "servicecatalog:ListLaunchPaths", "servicecatalog:ProvisionProduct"]
    resources = ["arn:${local.partition}:catalog:${local.here}:product/*"]
  }

  # What is provisioned has no ARN that a policy could name: it is the lead's own.
  statement {
    sid = "OwnProducts"
    actions = [
      "servicecatalog:DescribeProvisionedProduct",
      "servicecatalog:DescribeRecord",
      "servicecatalog:ListRecordHistory",
      "servicecatalog:ScanProvisionedProducts",
      "servicecatalog:SearchProducts",
      "servicecatalog:SearchProvisionedProducts",
      "servicecatalog:TerminateProvisionedProduct",
      "servicecatalog:UpdateProvisionedProduct",
    ]
    resources = ["*"]

    condition {
      test     = "StringEqualsIfExists"
      variable = "servicecatalog:userLevel"
      values   = ["self"]
    }
  }
}
