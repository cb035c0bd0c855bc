module "pipeline" {
  source = "../.."

  name               = "example-pipeline"
  description        = "Prepares data"
  definition         = { json = file("${path.module}/pipeline.json") }
  role_arn           = "arn:aws:iam::111111111111:role/example-pipeline"
  max_parallel_steps = 4
  tags               = { project = "example" }
}

output "arn" {
  description = "The pipeline."
  value       = module.pipeline.arn
}
