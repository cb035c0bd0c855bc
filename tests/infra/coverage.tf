locals {
  second = var.note == "second"
  aws    = "arn:aws:iam::111111111111"
}

module "extra_network" {
  source = "../modules/network"

  name                = "extra"
  nat                 = "single"
  interface_endpoints = []
}

module "extra_keys" {
  source = "../modules/keys"

  name = "extra"
  keys = { one = { description = "One" }, two = { description = "Two" } }
}

resource "aws_kms_alias" "extra" {
  name          = "alias/extra"
  target_key_id = module.extra_keys.arns[local.second ? "two" : "one"]
}

module "extra_images" {
  source = "../modules/images"

  repositories  = ["extra"]
  kms_key_arn   = module.extra_keys.arns["one"]
  readers       = local.second ? ["222222222222", "333333333333"] : ["222222222222"]
  untagged_days = local.second ? 31 : 30
}

module "extra_logs" {
  source = "../modules/bucket"

  name       = "extra-logs-111111111111"
  takes_logs = true
}

resource "aws_s3_bucket" "extra" {
  bucket = "extra-111111111111"
}

resource "aws_s3_bucket_logging" "extra" {
  bucket        = aws_s3_bucket.extra.id
  target_bucket = module.extra_logs.name
  target_prefix = "${var.note}/"
}

resource "aws_s3_bucket_versioning" "extra" {
  bucket = aws_s3_bucket.extra.id

  versioning_configuration {
    status = local.second ? "Suspended" : "Enabled"
  }
}

resource "aws_s3_bucket_public_access_block" "extra" {
  bucket            = aws_s3_bucket.extra.id
  block_public_acls = local.second
}

resource "aws_s3_bucket_ownership_controls" "extra" {
  bucket = aws_s3_bucket.extra.id

  rule {
    object_ownership = local.second ? "BucketOwnerPreferred" : "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "extra" {
  bucket = aws_s3_bucket.extra.id

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = module.extra_keys.arns[local.second ? "two" : "one"]
    }
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "extra" {
  bucket = aws_s3_bucket.extra.id

  rule {
    id     = "age"
    status = "Enabled"

    filter {}

    expiration {
      days = local.second ? 31 : 30
    }
  }
}

resource "aws_s3_bucket_notification" "extra" {
  bucket      = aws_s3_bucket.extra.id
  eventbridge = local.second
}

resource "aws_s3_bucket_policy" "extra" {
  bucket = aws_s3_bucket.extra.id
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { AWS = "${local.aws}:root" }, Action = "s3:GetObject", Resource = "${aws_s3_bucket.extra.arn}/*", Sid = var.note }]
  })
}

resource "aws_sagemaker_model_package_group" "extra" {
  model_package_group_name = "extra"
}

resource "aws_sagemaker_model_package_group_policy" "extra" {
  model_package_group_name = aws_sagemaker_model_package_group.extra.model_package_group_name
  resource_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { AWS = "arn:aws:iam::222222222222:root" }, Action = "sagemaker:DescribeModelPackageGroup", Resource = aws_sagemaker_model_package_group.extra.arn, Sid = var.note }]
  })
}

resource "aws_sns_topic" "extra" {
  name = "extra"
}

resource "aws_sqs_queue" "extra" {
  name = "extra"
}

resource "aws_sns_topic_subscription" "extra" {
  topic_arn            = aws_sns_topic.extra.arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.extra.arn
  raw_message_delivery = local.second
}

resource "aws_cloudwatch_event_rule" "extra" {
  name          = "extra"
  event_pattern = jsonencode({ source = ["extra"] })
}

resource "aws_cloudwatch_event_target" "extra" {
  rule      = aws_cloudwatch_event_rule.extra.name
  target_id = "queue"
  arn       = aws_sqs_queue.extra.arn
  input     = jsonencode(var.note)
}

resource "aws_lambda_permission" "extra" {
  statement_id  = "extra"
  function_name = module.function.arn
  action        = "lambda:InvokeFunction"
  principal     = "events.amazonaws.com"
  source_arn    = "arn:aws:events:eu-west-1:111111111111:rule/${var.note}"
}

resource "aws_scheduler_schedule" "extra" {
  name                = "extra"
  schedule_expression = local.second ? "rate(2 days)" : "rate(1 day)"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_sqs_queue.extra.arn
    role_arn = aws_iam_role.extra.arn
  }
}

module "extra_quotas" {
  source = "../modules/quotas"

  quotas = { endpoints = { code = "L-93D182E4", value = local.second ? 4 : 3 } }
}

resource "aws_vpc" "extra" {
  cidr_block = "10.9.0.0/16"
}

resource "aws_subnet" "extra" {
  vpc_id     = aws_vpc.extra.id
  cidr_block = "10.9.0.0/24"
}

resource "aws_network_interface" "extra" {
  count = 2

  subnet_id = aws_subnet.extra.id
}

resource "aws_route_table" "extra" {
  count = 2

  vpc_id = aws_vpc.extra.id
}

resource "aws_route_table_association" "extra" {
  subnet_id      = aws_subnet.extra.id
  route_table_id = aws_route_table.extra[local.second ? 1 : 0].id
}

resource "aws_route" "extra" {
  route_table_id         = aws_route_table.extra[0].id
  destination_cidr_block = "0.0.0.0/0"
  network_interface_id   = aws_network_interface.extra[local.second ? 1 : 0].id
}

resource "aws_appautoscaling_policy" "extra" {
  name               = "extra"
  policy_type        = "TargetTrackingScaling"
  service_namespace  = "sagemaker"
  scalable_dimension = "sagemaker:variant:DesiredInstanceCount"
  resource_id        = "endpoint/${module.endpoint.name}/variant/main"
  depends_on         = [module.endpoint]

  target_tracking_scaling_policy_configuration {
    target_value = local.second ? 200 : 100

    predefined_metric_specification {
      predefined_metric_type = "SageMakerVariantInvocationsPerInstance"
    }
  }
}

resource "aws_iam_policy" "extra" {
  count = 2

  name = "extra-${count.index}"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Deny", Action = "s3:GetObject", Resource = "*" }]
  })
}

resource "aws_iam_role" "extra" {
  name = "extra-policies"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Principal = { Service = ["sagemaker.amazonaws.com", "scheduler.amazonaws.com"] }, Action = "sts:AssumeRole" }]
  })
}

resource "aws_iam_role_policy_attachment" "extra" {
  role       = aws_iam_role.extra.name
  policy_arn = aws_iam_policy.extra[local.second ? 1 : 0].arn
}

resource "aws_s3_object" "extra" {
  bucket  = aws_s3_bucket.extra.id
  key     = "template.yaml"
  content = "{AWSTemplateFormatVersion: '2010-09-09', Resources: {Bucket: {Type: 'AWS::S3::Bucket'}}}"

  depends_on = [aws_s3_bucket_versioning.extra]
}

locals {
  template = "https://${aws_s3_bucket.extra.bucket_regional_domain_name}/${aws_s3_object.extra.key}"
}

resource "aws_servicecatalog_portfolio" "extra" {
  count = 2

  name          = "extra-${count.index}"
  provider_name = "Extra"
}

resource "aws_servicecatalog_product" "extra" {
  name  = "extra"
  owner = "Extra"
  type  = "CLOUD_FORMATION_TEMPLATE"

  provisioning_artifact_parameters {
    name         = "one"
    type         = "CLOUD_FORMATION_TEMPLATE"
    template_url = local.template
  }
}

resource "aws_servicecatalog_provisioning_artifact" "extra" {
  product_id   = aws_servicecatalog_product.extra.id
  name         = "two"
  description  = var.note
  type         = "CLOUD_FORMATION_TEMPLATE"
  template_url = local.template
}

resource "aws_servicecatalog_product_portfolio_association" "extra" {
  portfolio_id = aws_servicecatalog_portfolio.extra[0].id
  product_id   = aws_servicecatalog_product.extra.id
}

resource "aws_servicecatalog_product_portfolio_association" "extra_moved" {
  portfolio_id = aws_servicecatalog_portfolio.extra[1].id
  product_id   = local.second ? aws_servicecatalog_product.extra.id : values(module.project-catalog.product_ids)[0]
}

resource "aws_servicecatalog_constraint" "extra" {
  portfolio_id = aws_servicecatalog_portfolio.extra[0].id
  product_id   = aws_servicecatalog_product.extra.id
  type         = "LAUNCH"
  description  = var.note
  parameters   = jsonencode({ RoleArn = "${local.aws}:role/extra" })

  depends_on = [aws_servicecatalog_product_portfolio_association.extra]
}

resource "aws_servicecatalog_principal_portfolio_association" "extra" {
  portfolio_id  = aws_servicecatalog_portfolio.extra[0].id
  principal_arn = "${local.aws}:role/${var.note}"
}

provider "aws" {
  alias       = "elsewhere"
  region      = "eu-central-1"
  max_retries = 3
}

resource "aws_sagemaker_servicecatalog_portfolio_status" "extra" {
  provider = aws.elsewhere

  status = local.second ? "Disabled" : "Enabled"
}
