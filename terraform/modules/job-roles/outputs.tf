output "role_arns" {
  description = "Each role's ARN: `execution`, `pipeline`, `events`; `deploy`; `studio`, `data-scientist`, `lead`, `catalog-launch`."
  value       = { for purpose, role in local.roles : purpose => role.arn }
}

output "policy_arns" {
  description = "Each policy's ARN that roles of projects are made of: `s3`, `related`, `vpc`, `execution`, `pass-role`, `inside-vpc`."
  value       = { for purpose, policy in aws_iam_policy.project : purpose => policy.arn }
}

output "project_roles" {
  description = "What the names of projects' roles begin with; the catalog makes no others."
  value       = "${var.name}-project-"
}
