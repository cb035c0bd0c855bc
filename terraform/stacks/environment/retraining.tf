# Use cases that retrain when their data drift. Versions wait for approval in the operations account, which tells of them.

module "retraining" {
  source   = "../../modules/retraining"
  for_each = var.retraining

  name                 = "${var.prefix}-${each.key}"
  inference_pipeline   = each.value.inference
  train_pipeline       = each.value.train
  checks               = each.value.checks
  drift_kinds          = each.value.drift_kinds
  parameters           = each.value.parameters
  schedule             = each.value.schedule
  failures             = each.value.failures
  windows              = each.value.windows
  cool_down_hours      = each.value.cool_down_hours
  budget               = each.value.budget
  topic_arn            = module.notifications.arn
  package              = local.package
  permissions_boundary = local.boundary
  key_arns             = { function = local.keys.logs, messages = local.keys.notifications }

  reports = {
    places   = [for purpose in ["artifacts", "data"] : var.names.bucket[purpose]]
    key_arns = distinct([local.keys.artifacts, local.keys.data])
  }
}
