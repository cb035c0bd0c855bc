module "keys" {
  source = "../../../keys"

  name = "example-retraining"
  keys = {
    functions = { description = "Functions", services = ["logs.eu-west-1.amazonaws.com"] }
    messages  = { description = "Messages", services = ["cloudwatch.amazonaws.com", "events.amazonaws.com"] }
  }
}

module "notifications" {
  source = "../../../notifications"

  name        = "example-retraining"
  kms_key_arn = module.keys.arns["messages"]
  emails      = ["ml@acme.example"]
}

module "retraining" {
  source = "../.."

  name               = "example-severity"
  inference_pipeline = "severity-inference"
  train_pipeline     = "severity-train"
  checks             = ["DataQualityCheck"]
  parameters         = { ProcessingInstanceCount = "1" }
  windows            = { needed = 1, of = 3 }
  cool_down_hours    = 72
  budget             = { retrainings = 3, days = 30 }
  topic_arn          = module.notifications.arn
  reports            = { places = ["example-data-111111111111"] }
  tags               = { project = "example" }

  schedule = {
    expression = "cron(0 23 * * ? *)"
    timezone   = "Europe/Berlin"
  }
  failures = { inference = ["Failed", "Stopped"] }
  key_arns = {
    function = module.keys.arns["functions"]
    messages = module.keys.arns["messages"]
  }
  package = {
    file   = "${path.module}/../../../../stacks/environment/functions.zip"
    sha256 = filebase64sha256("${path.module}/../../../../stacks/environment/functions.zip")
  }
}

output "function_arn" {
  description = "The function that decides."
  value       = module.retraining.function_arn
}
