module "keys" {
  source = "../../../keys"

  name = "example-images"
  keys = { images = { description = "Images" } }
}

module "images" {
  source = "../.."

  repositories  = ["example/train", "example/serve"]
  kms_key_arn   = module.keys.arns["images"]
  readers       = ["222222222222", "333333333333"]
  force_destroy = true
  tags          = { project = "example" }
}

output "urls" {
  description = "The repositories."
  value       = module.images.urls
}
