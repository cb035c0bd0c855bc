# What an account may spend in a month on the platform, and who is told before and when it is exceeded.

resource "aws_budgets_budget" "this" {
  name         = var.name
  budget_type  = "COST"
  time_unit    = "MONTHLY"
  limit_amount = var.monthly_usd
  limit_unit   = "USD"
  tags         = var.tags

  dynamic "cost_filter" {
    for_each = length(var.services) > 0 ? [var.services] : []

    content {
      name   = "Service"
      values = cost_filter.value
    }
  }

  dynamic "notification" {
    for_each = var.thresholds

    content {
      notification_type          = notification.value.forecast ? "FORECASTED" : "ACTUAL"
      comparison_operator        = "GREATER_THAN"
      threshold                  = notification.value.percent
      threshold_type             = "PERCENTAGE"
      subscriber_email_addresses = var.emails
      subscriber_sns_topic_arns  = var.topic_arn[*]
    }
  }

  lifecycle {
    precondition {
      condition     = length(var.emails) > 0 || var.topic_arn != null
      error_message = "Somebody must be told: give emails or topic_arn."
    }
  }
}
