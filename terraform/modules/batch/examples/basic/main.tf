module "keys" {
  source = "../../../keys"

  name = "example-batch"
  keys = { data = { description = "Data", services = ["cloudwatch.amazonaws.com", "events.amazonaws.com"] } }
}

module "batch" {
  source = "../.."

  name              = "example-batch"
  role_arn          = "arn:aws:iam::111111111111:role/example-model"
  pipeline_role_arn = "arn:aws:iam::111111111111:role/example-pipeline"
  kms_key_arn       = module.keys.arns["data"]
  container = {
    image          = "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:1.7-1"
    model_data_url = "s3://example-models-111111111111/severity/model.tar.gz"
  }
  input    = { uri = "s3://example-data-111111111111/daily" }
  output   = { uri = "s3://example-data-111111111111/predictions" }
  records  = { join_source = "Input" }
  schedule = { expression = "cron(0 23 * * ? *)", timezone = "Europe/Berlin" }
  notify   = false
  tags     = { project = "example" }
}

output "pipeline_arn" {
  description = "The pipeline."
  value       = module.batch.pipeline_arn
}
