output "rule_arns" {
  description = "Each rule's ARN: `<key>-failed`, `<key>-drift` or `<key>-approval`."
  value       = { for key, rule in aws_cloudwatch_event_rule.this : key => rule.arn }
}

output "schedule_arns" {
  description = "Each schedule's ARN, by its key."
  value       = { for key, schedule in aws_scheduler_schedule.this : key => schedule.arn }
}

output "role_arn" {
  description = "The role that starts pipelines; null when none is started."
  value       = one(aws_iam_role.this[*].arn)
}

output "dead_letters_arn" {
  description = "The queue of what could not be delivered."
  value       = aws_sqs_queue.dead_letters.arn
}
