module "keys" {
  source = "../.."

  name = "example-keys"
  keys = {
    data = {
      description = "Data sets and models"
      users       = ["arn:aws:iam::222222222222:root"]
      readers     = ["arn:aws:iam::333333333333:root"]
    }
    messages = {
      description             = "Notifications"
      services                = ["events.amazonaws.com", "cloudwatch.amazonaws.com"]
      deletion_window_in_days = 7
    }
  }
  tags = { project = "example" }
}

output "arns" {
  description = "The keys' ARNs."
  value       = module.keys.arns
}
