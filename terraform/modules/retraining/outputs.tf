output "function_arn" {
  description = "The function that decides."
  value       = module.function.arn
}

output "function_name" {
  description = "Its name; its logs are in `/aws/lambda/<name>`."
  value       = module.function.name
}

output "rule_arns" {
  description = "Each rule's ARN: `inference-failed`, `train-failed`, `data-drift`."
  value       = module.events.rule_arns
}

output "schedule_arn" {
  description = "The schedule that starts inference; null when there is none."
  value       = try(module.events.schedule_arns["inference"], null)
}

output "dead_letters_arns" {
  description = "The queues of what could not be delivered: `events` and `function`."
  value = {
    events   = module.events.dead_letters_arn
    function = module.function.dead_letters_arn
  }
}
