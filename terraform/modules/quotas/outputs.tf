output "arns" {
  description = "Each quota's ARN, by name."
  value       = { for name, quota in aws_servicequotas_service_quota.this : name => quota.arn }
}
