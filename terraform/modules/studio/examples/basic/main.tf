module "network" {
  source = "../../../network"

  name                = "example-studio"
  cidr                = "10.30.0.0/16"
  interface_endpoints = []
}

module "keys" {
  source = "../../../keys"

  name = "example-studio"
  keys = { data = { description = "Files" } }
}

module "studio" {
  source = "../.."

  name        = "example-studio"
  kms_key_arn = module.keys.arns["data"]
  network = {
    vpc_id             = module.network.vpc_id
    subnet_ids         = module.network.subnet_ids
    security_group_ids = [module.network.security_group_id]
  }
  role_arns = {
    studio         = "arn:aws:iam::111111111111:role/example-studio"
    data_scientist = "arn:aws:iam::111111111111:role/example-data-scientist"
    lead           = "arn:aws:iam::111111111111:role/example-lead"
  }
  users         = { data_scientists = ["one", "two"], leads = ["three"] }
  start_scripts = { JupyterLab = "#!/bin/bash\nset -eu\npip install ropeway\n" }
  keep_files    = false
  tags          = { project = "example" }
}

output "url" {
  description = "Where people go."
  value       = module.studio.url
}
