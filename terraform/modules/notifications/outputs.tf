output "arn" {
  description = "The topic's ARN, known once its policy stands."
  value       = aws_sns_topic_policy.this.arn
}
