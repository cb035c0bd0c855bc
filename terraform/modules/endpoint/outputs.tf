output "name" {
  description = "The endpoint's name, known once it is in service."
  value       = aws_sagemaker_endpoint.this.name
}

output "arn" {
  description = "The endpoint's ARN."
  value       = aws_sagemaker_endpoint.this.arn
}

output "config_name" {
  description = "The configuration that it serves."
  value       = aws_sagemaker_endpoint_configuration.this.name
}

output "model_names" {
  description = "Each variant's model."
  value       = { for key, model in module.model : key => model.name }
}

output "alarm_arns" {
  description = "Each alarm's ARN: `<variant>-errors`, `<variant>-latency`."
  value       = { for key, alarm in aws_cloudwatch_metric_alarm.this : key => alarm.arn }
}
