# Every parameter that the configuration lists is published: one that nothing here knows the value of is an error.

locals {
  made = {
    "buckets/artifacts"             = module.buckets["artifacts"].name
    "buckets/capture"               = module.buckets["capture"].name
    "buckets/data"                  = module.buckets["data"].name
    "functions/create-project/arn"  = one(module.create_project[*].arn)
    "functions/start-delivery/arn"  = module.start_delivery.arn
    "functions/start-delivery/name" = module.start_delivery.name
    "keys/artifacts"                = local.keys.artifacts
    "keys/data"                     = local.keys.data
    "network/private-subnet-ids"    = join(",", local.network.subnet_ids)
    "network/security-group-id"     = local.network.security_group_ids[0]
    "network/vpc-id"                = local.network.vpc_id
    "topics/notifications"          = module.notifications.arn
  }
  values = merge(
    local.made,
    { for purpose, arn in module.roles.role_arns : "roles/${purpose}" => arn },
    { for purpose, arn in module.roles.policy_arns : "policies/${purpose}" => arn },
  )
}

resource "aws_ssm_parameter" "this" {
  #checkov:skip=CKV2_AWS_34:names and ARNs are no secrets, and projects read them without a key
  for_each = var.parameters

  name           = each.key
  description    = each.value.about
  type           = each.value.many ? "StringList" : "String"
  insecure_value = each.value.value == null ? local.values[each.value.key] : each.value.value
}
