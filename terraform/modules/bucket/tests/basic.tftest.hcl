mock_provider "aws" {
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

variables {
  name        = "retail-dev-data-111111111111"
  kms_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/0000"
}

run "a_bucket_is_closed_encrypted_and_versioned" {
  command = plan

  assert {
    condition = alltrue([
      aws_s3_bucket_public_access_block.this.block_public_acls,
      aws_s3_bucket_public_access_block.this.block_public_policy,
      aws_s3_bucket_public_access_block.this.ignore_public_acls,
      aws_s3_bucket_public_access_block.this.restrict_public_buckets,
    ])
    error_message = "All four public access blocks must be on."
  }
  assert {
    condition     = aws_s3_bucket_versioning.this.versioning_configuration[0].status == "Enabled"
    error_message = "The bucket must be versioned."
  }
  assert {
    condition     = one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default[0].kms_master_key_id == var.kms_key_arn
    error_message = "The bucket must use the key."
  }
  assert {
    condition     = !aws_s3_bucket.this.force_destroy
    error_message = "What is in a bucket must not go with it unless asked for."
  }
}

run "nobody_is_let_in_by_default" {
  command = plan

  assert {
    condition     = alltrue([for statement in data.aws_iam_policy_document.this.statement : statement.effect == "Deny"])
    error_message = "Without readers and writers the policy only denies."
  }
  assert {
    condition     = length(aws_s3_bucket_lifecycle_configuration.this) == 0 && length(aws_s3_bucket_notification.this) == 0
    error_message = "Rules and events come when asked for."
  }
}

run "a_name_must_be_a_buckets" {
  command = plan
  variables {
    name = "Retail_Dev"
  }
  expect_failures = [var.name]
}

run "readers_must_be_arns" {
  command = plan
  variables {
    access = { readers = ["222222222222"] }
  }
  expect_failures = [var.access]
}

run "days_must_be_days" {
  command = plan
  variables {
    lifecycle_days = { expire = 0 }
  }
  expect_failures = [var.lifecycle_days]
}

run "logs_are_taken_under_s3s_own_keys" {
  command = plan
  variables {
    kms_key_arn = null
    takes_logs  = true
  }

  assert {
    condition     = one(aws_s3_bucket_server_side_encryption_configuration.this.rule).apply_server_side_encryption_by_default[0].sse_algorithm == "AES256"
    error_message = "Without a key S3's own encrypt."
  }
  assert {
    condition     = contains([for statement in data.aws_iam_policy_document.this.statement : statement.sid], "AccessLogs")
    error_message = "S3 must be let in to deliver logs."
  }
}

run "s3_delivers_no_logs_to_a_bucket_with_a_key" {
  command = plan
  variables {
    takes_logs = true
  }
  expect_failures = [var.takes_logs]
}
