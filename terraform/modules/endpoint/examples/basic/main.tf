module "keys" {
  source = "../../../keys"

  name = "example-endpoint"
  keys = { models = { description = "Models and captured requests" } }
}

module "bucket" {
  source = "../../../bucket"

  name          = "example-endpoint-111111111111"
  kms_key_arn   = module.keys.arns["models"]
  force_destroy = true
}

locals {
  archive = "${path.module}/model/model.tar.gz"
}

# The key has the content's hash: another archive is another model.
resource "aws_s3_object" "model" {
  bucket = module.bucket.name
  key    = "lengths/${filesha256(local.archive)}/model.tar.gz"
  source = local.archive

  lifecycle {
    create_before_destroy = true
  }
}

module "endpoint" {
  source = "../.."

  name        = "example-endpoint"
  role_arn    = "arn:aws:iam::111111111111:role/example-model"
  kms_key_arn = module.keys.arns["models"]
  variants = {
    main = {
      container = {
        image          = "141502667606.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-scikit-learn:1.2-1-cpu-py3"
        model_data_url = "s3://${aws_s3_object.model.bucket}/${aws_s3_object.model.key}"
        environment    = { SAGEMAKER_PROGRAM = "inference.py" }
      }
      scaling = { min = 1, max = 4, invocations_per_instance = 600 }
    }
  }
  capture = { uri = "s3://${module.bucket.name}/captured", percentage = 20 }
  rollout = { type = "CANARY", percent = 10, wait_seconds = 2 }
  alarms  = { errors = 5, latency_ms = 500 }
  notify  = false
  tags    = { project = "example" }
}

output "name" {
  description = "The endpoint."
  value       = module.endpoint.name
}
