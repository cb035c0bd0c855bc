# Alarms of each variant: errors that its containers answer, and how long they take. They exist before the endpoint, so that
# an update can be called off by them.

locals {
  kinds = { for kind, alarm in {
    errors = var.alarms.errors == null ? null : {
      metric    = "Invocation5XXErrors"
      statistic = "Sum"
      extended  = null
      threshold = var.alarms.errors
      told      = "Containers answered errors"
    }
    latency = var.alarms.latency_ms == null ? null : {
      metric    = "ModelLatency"
      statistic = null
      extended  = "p99"
      threshold = var.alarms.latency_ms * 1000
      told      = "One answer in a hundred takes too long"
    }
  } : kind => alarm if alarm != null }

  alarms = merge([for variant in keys(var.variants) : {
    for kind, alarm in local.kinds : "${variant}-${kind}" => merge(alarm, { variant = variant })
  }]...)
}

resource "aws_cloudwatch_metric_alarm" "this" {
  for_each = local.alarms

  alarm_name          = "${var.name}-${each.key}"
  alarm_description   = "${each.value.told}: variant ${each.value.variant} of ${var.name}"
  namespace           = "AWS/SageMaker"
  metric_name         = each.value.metric
  dimensions          = { EndpointName = var.name, VariantName = each.value.variant }
  statistic           = each.value.statistic
  extended_statistic  = each.value.extended
  period              = 60
  evaluation_periods  = var.alarms.minutes
  threshold           = each.value.threshold
  comparison_operator = "GreaterThanThreshold"
  treat_missing_data  = "notBreaching"
  alarm_actions       = var.notify ? [var.topic_arn] : []
  tags                = var.tags
}
