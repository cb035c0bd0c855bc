module "model" {
  source = "../.."

  name     = "example-model"
  role_arn = "arn:aws:iam::111111111111:role/example-model"
  container = {
    image          = "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-xgboost:1.7-1"
    model_data_url = "s3://example-models-111111111111/severity/model.tar.gz"
  }
  tags = { project = "example" }
}

output "name" {
  description = "The model."
  value       = module.model.name
}
