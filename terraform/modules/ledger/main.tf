# The record of who did what: a table that only grows. Entries are kept by subject and number; nobody but the table's
# own administration may change or delete them.

resource "aws_dynamodb_table" "this" {
  name                        = var.name
  billing_mode                = "PAY_PER_REQUEST"
  hash_key                    = "subject"
  range_key                   = "number"
  deletion_protection_enabled = var.deletion_protection
  tags                        = var.tags

  attribute {
    name = "subject"
    type = "S"
  }

  attribute {
    name = "number"
    type = "N"
  }

  point_in_time_recovery {
    enabled = true
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = var.kms_key_arn
  }
}

# For roles that write: an entry is put only where there is none.
data "aws_iam_policy_document" "append" {
  statement {
    sid       = "Append"
    actions   = ["dynamodb:GetItem", "dynamodb:PutItem", "dynamodb:Query"]
    resources = [aws_dynamodb_table.this.arn]
  }

  statement {
    sid       = "NeverChange"
    effect    = "Deny"
    actions   = ["dynamodb:DeleteItem", "dynamodb:DeleteTable", "dynamodb:UpdateItem"]
    resources = [aws_dynamodb_table.this.arn]
  }

  statement {
    sid       = "Key"
    actions   = ["kms:Decrypt", "kms:GenerateDataKey"]
    resources = [var.kms_key_arn]
  }
}

data "aws_iam_policy_document" "read" {
  statement {
    sid       = "Read"
    actions   = ["dynamodb:GetItem", "dynamodb:Query", "dynamodb:Scan"]
    resources = [aws_dynamodb_table.this.arn]
  }

  statement {
    sid       = "Key"
    actions   = ["kms:Decrypt"]
    resources = [var.kms_key_arn]
  }
}
