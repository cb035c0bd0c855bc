output "domain_id" {
  description = "The domain."
  value       = aws_sagemaker_domain.this.id
}

output "domain_arn" {
  description = "Its ARN."
  value       = aws_sagemaker_domain.this.arn
}

output "url" {
  description = "Where it is."
  value       = aws_sagemaker_domain.this.url
}

output "file_system_id" {
  description = "The EFS file system of the people's files, which outlives the domain where files are kept."
  value       = aws_sagemaker_domain.this.home_efs_file_system_id
}

output "profile_arns" {
  description = "Each profile's ARN, by its name."
  value       = { for name, profile in aws_sagemaker_user_profile.this : name => profile.arn }
}
