output "name" {
  description = "The pipeline's name."
  value       = aws_sagemaker_pipeline.this.pipeline_name
}

output "arn" {
  description = "The pipeline's ARN."
  value       = aws_sagemaker_pipeline.this.arn
}
