module "keys" {
  source = "../../../keys"

  name = "example-notifications"
  keys = {
    messages = {
      description = "Notifications"
      services    = ["budgets.amazonaws.com", "cloudwatch.amazonaws.com", "events.amazonaws.com"]
    }
  }
}

module "notifications" {
  source = "../.."

  name        = "example-notifications"
  kms_key_arn = module.keys.arns["messages"]
  emails      = ["ml-ops@example.com"]
  tags        = { project = "example" }
}

output "arn" {
  description = "The topic."
  value       = module.notifications.arn
}
