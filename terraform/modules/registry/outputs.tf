output "bucket" {
  description = "The bucket of artefacts."
  value       = module.artefacts.name
}

output "bucket_arn" {
  description = "The bucket's ARN."
  value       = module.artefacts.arn
}

output "group_arns" {
  description = "Each group's ARN, by name."
  value       = { for name, group in aws_sagemaker_model_package_group.this : name => group.arn }
}
