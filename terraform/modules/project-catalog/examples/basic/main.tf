module "bucket" {
  source = "../../../bucket"

  name          = "example-catalog-111111111111"
  force_destroy = true
}

module "catalog" {
  source = "../.."

  name            = "example-projects"
  owner           = "Example"
  bucket          = module.bucket.name
  launch_role_arn = "arn:aws:iam::111111111111:role/example-catalog-launch"
  principals      = { leads = "arn:aws:iam::111111111111:role/example-lead" }
  products = {
    bucket = {
      title       = "A bucket"
      description = "A project with a bucket of its own"
      versions = {
        "1.0.0" = "${path.module}/template.yaml"
        "1.1.0" = "${path.module}/template-2.yaml"
      }
      current = "1.1.0"
    }
  }
  tags = { project = "example" }
}

output "product_ids" {
  description = "The products."
  value       = module.catalog.product_ids
}
