# Quotas that the platform needs raised in an account, as requests to AWS.

resource "aws_servicequotas_service_quota" "this" {
  for_each = var.quotas

  service_code = each.value.service
  quota_code   = each.value.code
  value        = each.value.value
}
