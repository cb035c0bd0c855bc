# A SageMaker model: an image with an artefact, or an approved version of a registry. A model never changes, so its name ends in
# a digest of what it is: another artefact makes another model, before the old one goes.

locals {
  told   = { container = var.container, role_arn = var.role_arn, network = var.network, isolated = var.isolated }
  digest = substr(sha256(jsonencode(local.told)), 0, 8)
}

resource "aws_sagemaker_model" "this" {
  name                     = "${var.name}-${local.digest}"
  execution_role_arn       = var.role_arn
  enable_network_isolation = var.isolated
  tags                     = var.tags

  primary_container {
    image                        = var.container.image
    model_data_url               = var.container.model_data_url
    model_package_name           = var.container.model_package_arn
    inference_specification_name = var.container.inference_specification
    environment                  = var.container.environment
  }

  dynamic "vpc_config" {
    for_each = var.network[*]

    content {
      subnets            = vpc_config.value.subnet_ids
      security_group_ids = vpc_config.value.security_group_ids
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}
