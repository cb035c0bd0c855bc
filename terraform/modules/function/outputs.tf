output "arn" {
  description = "The function's ARN."
  value       = aws_lambda_function.this.arn
}

output "name" {
  description = "The function's name."
  value       = aws_lambda_function.this.function_name
}

output "role_arn" {
  description = "The role that it runs as."
  value       = aws_iam_role.this.arn
}

output "dead_letters_arn" {
  description = "The queue of events that it could not handle."
  value       = aws_sqs_queue.dead_letters.arn
}
