output "name" {
  description = "The model's name, digest included."
  value       = aws_sagemaker_model.this.name
}

output "arn" {
  description = "The model's ARN."
  value       = aws_sagemaker_model.this.arn
}
