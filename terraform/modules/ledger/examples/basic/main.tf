module "keys" {
  source = "../../../keys"

  name = "example-ledger"
  keys = { ledger = { description = "The ledger" } }
}

module "ledger" {
  source = "../.."

  name                = "example-ledger"
  kms_key_arn         = module.keys.arns["ledger"]
  deletion_protection = false
  tags                = { project = "example" }
}

output "name" {
  description = "The table."
  value       = module.ledger.name
}
