module "keys" {
  source = "../../../keys"

  name = "example-pipeline-events"
  keys = {
    messages = { description = "Messages", services = ["cloudwatch.amazonaws.com", "events.amazonaws.com"] }
  }
}

module "notifications" {
  source = "../../../notifications"

  name        = "example-pipeline-events"
  kms_key_arn = module.keys.arns["messages"]
}

module "pipeline_events" {
  source = "../.."

  name        = "example-pipeline-events"
  kms_key_arn = module.keys.arns["messages"]
  topic_arn   = module.notifications.arn
  schedules = {
    nightly = {
      pipeline_arn = "arn:aws:sagemaker:eu-west-1:111111111111:pipeline/severity-inference"
      expression   = "cron(0 23 * * ? *)"
      timezone     = "Europe/Berlin"
      parameters   = { Source = "s3://example-data-111111111111/daily" }
    }
  }
  failures = {
    train     = { pipeline_arn = "arn:aws:sagemaker:eu-west-1:111111111111:pipeline/severity-train" }
    inference = { pipeline_arn = "arn:aws:sagemaker:eu-west-1:111111111111:pipeline/severity-inference", statuses = ["Failed", "Stopped"] }
  }
  drift = {
    data = {
      pipeline_arn = "arn:aws:sagemaker:eu-west-1:111111111111:pipeline/severity-inference"
      steps        = ["DataQualityCheck"]
      retrain_arn  = "arn:aws:sagemaker:eu-west-1:111111111111:pipeline/severity-train"
      parameters   = { Reason = "drift" }
    }
  }
  approvals = {
    deploy = {
      group    = "severity"
      pipeline = { arn = "arn:aws:sagemaker:eu-west-1:111111111111:pipeline/severity-deploy" }
    }
  }
  tags = { project = "example" }
}

output "rule_arns" {
  description = "The rules."
  value       = module.pipeline_events.rule_arns
}
