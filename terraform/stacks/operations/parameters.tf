# Every parameter that the configuration lists is published: one that nothing here knows the value of is an error.

locals {
  values = {
    "buckets/registry"     = module.registry.bucket
    "keys/artifacts"       = local.keys.artifacts
    "topics/notifications" = module.notifications.arn
  }
}

resource "aws_ssm_parameter" "this" {
  #checkov:skip=CKV2_AWS_34:names and ARNs are no secrets, and other accounts' tools read them without a key
  for_each = var.parameters

  name           = each.key
  description    = each.value.about
  type           = each.value.many ? "StringList" : "String"
  insecure_value = each.value.value == null ? local.values[each.value.key] : each.value.value
}
