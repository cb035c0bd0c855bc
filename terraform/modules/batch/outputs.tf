output "model_name" {
  description = "The model."
  value       = module.model.name
}

output "pipeline_arn" {
  description = "The pipeline: start it to run at once."
  value       = module.pipeline.arn
}

output "definition" {
  description = "The pipeline's definition document."
  value       = jsonencode(local.definition)
}

output "dead_letters_arn" {
  description = "The queue of starts and messages that could not be delivered."
  value       = module.events.dead_letters_arn
}
