output "arns" {
  description = "Each key's ARN, by purpose."
  value       = { for purpose, key in aws_kms_key.this : purpose => key.arn }
}

output "aliases" {
  description = "Each key's alias, by purpose."
  value       = { for purpose, alias in aws_kms_alias.this : purpose => alias.name }
}
