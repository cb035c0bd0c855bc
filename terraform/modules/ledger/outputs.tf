output "name" {
  description = "The table's name."
  value       = aws_dynamodb_table.this.name
}

output "append_policy_json" {
  description = "For roles that write entries: they put, and change nothing."
  value       = data.aws_iam_policy_document.append.json
}

output "read_policy_json" {
  description = "For roles that read."
  value       = data.aws_iam_policy_document.read.json
}
