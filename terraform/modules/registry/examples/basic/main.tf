module "keys" {
  source = "../../../keys"

  name = "example-registry"
  keys = {
    models = {
      description = "Models"
      users       = ["arn:aws:iam::222222222222:root"]
      readers     = ["arn:aws:iam::333333333333:root"]
    }
  }
}

module "registry" {
  source = "../.."

  bucket        = "example-registry-111111111111"
  kms_key_arn   = module.keys.arns["models"]
  groups        = { "mammography-severity" = "Severity of mammographic masses" }
  readers       = ["333333333333"]
  writers       = ["222222222222"]
  force_destroy = true
  tags          = { project = "example" }
}

output "group_arns" {
  description = "The groups."
  value       = module.registry.group_arns
}
