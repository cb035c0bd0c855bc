module "keys" {
  source = "../../../keys"

  name = "example-function"
  keys = { functions = { description = "Functions", services = ["logs.eu-west-1.amazonaws.com"] } }
}

module "function" {
  source = "../.."

  name        = "example-function"
  description = "Says what it was told"
  handler     = "app.handler"
  package = {
    file   = "${path.module}/code/app.zip"
    sha256 = filebase64sha256("${path.module}/code/app.zip")
  }
  kms_key_arn = module.keys.arns["functions"]
  environment = { GREETING = "hello" }
  policy_json = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = ["ssm:GetParameter"], Resource = "arn:aws:ssm:eu-west-1:111111111111:parameter/example" }]
  })
  rules = { daily = "arn:aws:events:eu-west-1:111111111111:rule/daily" }
  tags  = { project = "example" }
}

output "arn" {
  description = "The function."
  value       = module.function.arn
}
