output "parameters" {
  description = "Each published parameter's value, by name."
  value       = { for name, parameter in aws_ssm_parameter.this : name => parameter.insecure_value }
}

output "key_arns" {
  description = "Each key's ARN, by purpose."
  value       = local.keys
}

output "image_urls" {
  description = "Each repository's address, by name."
  value       = module.images.urls
}

output "registry_bucket" {
  description = "The bucket of registered models."
  value       = module.registry.bucket
}
