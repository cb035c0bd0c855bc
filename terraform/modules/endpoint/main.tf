# A real-time endpoint: models, variants that share the traffic, autoscaling, alarms, capture of requests, and updates that shift
# the traffic step by step and come back when an alarm rings. Another model or setting makes another configuration, which
# the endpoint goes over to without interruption.

locals {
  settings = {
    variants = { for key, variant in var.variants : key => {
      model    = module.model[key].name
      instance = variant.instance
      weight   = variant.weight
      startup  = variant.startup_seconds
    } }
    capture = var.capture
    key     = var.kms_key_arn
  }
  digest = substr(sha256(jsonencode(local.settings)), 0, 8)
}

module "model" {
  source   = "../model"
  for_each = var.variants

  name      = "${var.name}-${each.key}"
  container = each.value.container
  role_arn  = var.role_arn
  network   = var.network
  isolated  = var.isolated
  tags      = var.tags
}

resource "aws_sagemaker_endpoint_configuration" "this" {
  name        = "${var.name}-${local.digest}"
  kms_key_arn = var.kms_key_arn
  tags        = var.tags

  dynamic "production_variants" {
    for_each = var.variants

    content {
      variant_name                                      = production_variants.key
      model_name                                        = module.model[production_variants.key].name
      instance_type                                     = production_variants.value.instance.type
      initial_instance_count                            = production_variants.value.instance.count
      initial_variant_weight                            = production_variants.value.weight
      container_startup_health_check_timeout_in_seconds = production_variants.value.startup_seconds
    }
  }

  dynamic "data_capture_config" {
    for_each = var.capture[*]

    content {
      enable_capture              = true
      initial_sampling_percentage = data_capture_config.value.percentage
      destination_s3_uri          = data_capture_config.value.uri
      kms_key_id                  = data_capture_config.value.kms_key_arn

      dynamic "capture_options" {
        for_each = data_capture_config.value.modes

        content {
          capture_mode = capture_options.value
        }
      }

      capture_content_type_header {
        csv_content_types  = ["text/csv"]
        json_content_types = ["application/json"]
      }
    }
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_sagemaker_endpoint" "this" {
  name                 = var.name
  endpoint_config_name = aws_sagemaker_endpoint_configuration.this.name
  tags                 = var.tags

  deployment_config {
    blue_green_update_policy {
      maximum_execution_timeout_in_seconds = var.rollout.timeout_seconds
      termination_wait_in_seconds          = var.rollout.termination_seconds

      traffic_routing_configuration {
        type                     = var.rollout.type
        wait_interval_in_seconds = var.rollout.wait_seconds

        dynamic "canary_size" {
          for_each = var.rollout.type == "CANARY" ? [var.rollout.percent] : []

          content {
            type  = "CAPACITY_PERCENT"
            value = canary_size.value
          }
        }

        dynamic "linear_step_size" {
          for_each = var.rollout.type == "LINEAR" ? [var.rollout.percent] : []

          content {
            type  = "CAPACITY_PERCENT"
            value = linear_step_size.value
          }
        }
      }
    }

    dynamic "auto_rollback_configuration" {
      for_each = length(local.alarms) > 0 && var.alarms.rollback ? [local.alarms] : []

      content {
        dynamic "alarms" {
          for_each = auto_rollback_configuration.value

          content {
            alarm_name = aws_cloudwatch_metric_alarm.this[alarms.key].alarm_name
          }
        }
      }
    }
  }
}
