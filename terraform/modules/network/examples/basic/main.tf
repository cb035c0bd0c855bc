module "keys" {
  source = "../../../keys"

  name = "example-network"
  keys = { logs = { description = "Logs", services = ["logs.eu-west-1.amazonaws.com"] } }
}

module "network" {
  source = "../.."

  name                = "example-network"
  cidr                = "10.20.0.0/16"
  interface_endpoints = ["sagemaker.api", "sts"]
  nat                 = "single"
  flow_logs           = { kms_key_arn = module.keys.arns["logs"] }
  accounts            = ["222222222222"]
  tags                = { project = "example" }
}

output "subnet_ids" {
  description = "The private subnets."
  value       = module.network.subnet_ids
}
