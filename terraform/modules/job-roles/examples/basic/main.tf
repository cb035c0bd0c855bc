data "aws_caller_identity" "current" {}

module "keys" {
  source = "../../../keys"

  name = "example-job-roles"
  keys = { data = { description = "Data" } }
}

# Yours comes from the bootstrap. A boundary gives nothing: it is the most that a role's own policies can.
resource "aws_iam_policy" "boundary" {
  #checkov:skip=CKV_AWS_286:a boundary gives nothing
  #checkov:skip=CKV_AWS_287:a boundary gives nothing
  #checkov:skip=CKV_AWS_288:a boundary gives nothing
  #checkov:skip=CKV_AWS_289:a boundary gives nothing
  #checkov:skip=CKV_AWS_290:a boundary gives nothing
  #checkov:skip=CKV_AWS_355:a boundary gives nothing
  name = "example-job-roles-boundary"
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "NoUsers"
      Effect    = "Allow"
      NotAction = ["iam:*AccessKey*", "iam:*User*"]
      Resource  = "*"
    }]
  })
}

module "job_roles" {
  source = "../.."

  name                 = "example-job-roles"
  permissions_boundary = aws_iam_policy.boundary.arn
  buckets = {
    work    = ["example-data", "example-artifacts"]
    read    = ["example-capture"]
    catalog = "example-catalog"
  }
  key_arns       = [module.keys.arns["data"]]
  network        = { subnet_ids = ["subnet-1", "subnet-2"], security_group_ids = ["sg-1"] }
  parameter_path = "/ropeway/example/retail/dev"
  registry = {
    account   = "444444444444"
    bucket    = "example-registry"
    key_arn   = "arn:aws:kms:eu-west-1:444444444444:key/0000"
    registers = true
  }
  callbacks = { functions = ["arn:aws:lambda:eu-west-1:${data.aws_caller_identity.current.account_id}:function:example"] }
  ci = {
    provider_arn = "arn:aws:iam::${data.aws_caller_identity.current.account_id}:oidc-provider/token.actions.githubusercontent.com"
    issuer       = "token.actions.githubusercontent.com"
    subjects     = ["repo:example/models:environment:retail-dev"]
  }
  workplace = {
    create_project = ["arn:aws:lambda:eu-west-1:${data.aws_caller_identity.current.account_id}:function:create-project"]
    start_delivery = ["arn:aws:lambda:eu-west-1:${data.aws_caller_identity.current.account_id}:function:start-delivery"]
  }
  tags = { project = "example" }
}

output "role_arns" {
  description = "The roles."
  value       = module.job_roles.role_arns
}
