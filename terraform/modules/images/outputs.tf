output "urls" {
  description = "Each repository's address, by name; an image is `<address>@<digest>`."
  value       = { for name, repository in aws_ecr_repository.this : name => repository.repository_url }
}

output "arns" {
  description = "Each repository's ARN, by name."
  value       = { for name, repository in aws_ecr_repository.this : name => repository.arn }
}
