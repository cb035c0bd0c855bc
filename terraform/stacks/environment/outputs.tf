output "parameters" {
  description = "Each published parameter's value, by name."
  value       = { for name, parameter in aws_ssm_parameter.this : name => parameter.insecure_value }
}

output "key_arns" {
  description = "Each key's ARN, by purpose."
  value       = local.keys
}

output "forge_secret" {
  description = "The secret that the forge's token must be put into."
  value       = aws_secretsmanager_secret.forge.name
}
