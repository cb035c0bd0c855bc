module "keys" {
  source = "../../../keys"

  name = "example-bucket"
  keys = { data = { description = "Data sets" } }
}

module "bucket" {
  source = "../.."

  name        = "example-bucket-111111111111"
  kms_key_arn = module.keys.arns["data"]
  access = {
    readers  = ["arn:aws:iam::222222222222:root"]
    writers  = ["arn:aws:iam::333333333333:root"]
    prefixes = ["shared/"]
  }
  lifecycle_days = {
    expire_noncurrent = 90
    abort_uploads     = 7
  }
  events        = true
  force_destroy = true
  tags          = { project = "example" }
}

output "name" {
  description = "The bucket."
  value       = module.bucket.name
}
