output "name" {
  description = "The pipeline's name."
  value       = local.pipeline.pipeline_name
}

output "arn" {
  description = "The pipeline's ARN."
  value       = local.pipeline.arn
}
