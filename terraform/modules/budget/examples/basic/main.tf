module "budget" {
  source = "../.."

  name        = "example-budget"
  monthly_usd = 500
  services    = ["Amazon SageMaker"]
  emails      = ["ml-ops@example.com"]
  tags        = { project = "example" }
}
