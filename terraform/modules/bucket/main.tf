# One S3 bucket: versioned, encrypted, closed to the public and to plain HTTP, without ACLs. Other accounts
# get in by name, and only under the prefixes that are given.

data "aws_caller_identity" "current" {}

locals {
  objects   = length(var.access.prefixes) > 0 ? [for prefix in var.access.prefixes : "${aws_s3_bucket.this.arn}/${prefix}*"] : ["${aws_s3_bucket.this.arn}/*"]
  outsiders = setunion(var.access.readers, var.access.writers)
  has_rules = anytrue([for days in values(var.lifecycle_days) : days != null])
}

resource "aws_s3_bucket" "this" {
  #checkov:skip=CKV_AWS_144:replication to another region is the caller's decision
  #checkov:skip=CKV2_AWS_62:events are switched on by a variable
  #checkov:skip=CKV_AWS_18:the log bucket is a variable
  #checkov:skip=CKV2_AWS_61:lifecycle rules are a variable
  bucket        = var.name
  force_destroy = var.force_destroy
  tags          = var.tags
}

resource "aws_s3_bucket_versioning" "this" {
  bucket = aws_s3_bucket.this.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    bucket_key_enabled = var.kms_key_arn != null

    apply_server_side_encryption_by_default {
      sse_algorithm     = var.kms_key_arn == null ? "AES256" : "aws:kms"
      kms_master_key_id = var.kms_key_arn
    }
  }
}

resource "aws_s3_bucket_public_access_block" "this" {
  bucket = aws_s3_bucket.this.id

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "this" {
  bucket = aws_s3_bucket.this.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

data "aws_iam_policy_document" "this" {
  statement {
    sid       = "EncryptedTransportOnly"
    effect    = "Deny"
    actions   = ["s3:*"]
    resources = [aws_s3_bucket.this.arn, "${aws_s3_bucket.this.arn}/*"]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }

  # An upload that names no key gets the bucket's; one that names another is refused.
  dynamic "statement" {
    for_each = var.kms_key_arn[*]

    content {
      sid       = "NoOtherKey"
      effect    = "Deny"
      actions   = ["s3:PutObject"]
      resources = ["${aws_s3_bucket.this.arn}/*"]

      principals {
        type        = "*"
        identifiers = ["*"]
      }

      condition {
        test     = "StringNotEqualsIfExists"
        variable = "s3:x-amz-server-side-encryption-aws-kms-key-id"
        values   = [statement.value]
      }

      condition {
        test     = "Null"
        variable = "s3:x-amz-server-side-encryption-aws-kms-key-id"
        values   = ["false"]
      }
    }
  }

  dynamic "statement" {
    for_each = var.takes_logs ? [data.aws_caller_identity.current.account_id] : []

    content {
      sid       = "AccessLogs"
      actions   = ["s3:PutObject"]
      resources = ["${aws_s3_bucket.this.arn}/*"]

      principals {
        type        = "Service"
        identifiers = ["logging.s3.amazonaws.com"]
      }

      condition {
        test     = "StringEquals"
        variable = "aws:SourceAccount"
        values   = [statement.value]
      }
    }
  }

  dynamic "statement" {
    for_each = length(local.outsiders) > 0 ? [local.outsiders] : []

    content {
      sid       = "List"
      actions   = ["s3:GetBucketLocation", "s3:ListBucket"]
      resources = [aws_s3_bucket.this.arn]

      principals {
        type        = "AWS"
        identifiers = statement.value
      }
    }
  }

  dynamic "statement" {
    for_each = length(local.outsiders) > 0 ? [local.outsiders] : []

    content {
      sid       = "Read"
      actions   = ["s3:GetObject", "s3:GetObjectTagging", "s3:GetObjectVersion"]
      resources = local.objects

      principals {
        type        = "AWS"
        identifiers = statement.value
      }
    }
  }

  dynamic "statement" {
    for_each = length(var.access.writers) > 0 ? [var.access.writers] : []

    content {
      sid       = "Write"
      actions   = ["s3:AbortMultipartUpload", "s3:PutObject", "s3:PutObjectTagging"]
      resources = local.objects

      principals {
        type        = "AWS"
        identifiers = statement.value
      }
    }
  }
}

resource "aws_s3_bucket_policy" "this" {
  bucket = aws_s3_bucket.this.id
  policy = data.aws_iam_policy_document.this.json

  depends_on = [aws_s3_bucket_public_access_block.this]
}

resource "aws_s3_bucket_lifecycle_configuration" "this" {
  count = local.has_rules ? 1 : 0

  bucket = aws_s3_bucket.this.id

  rule {
    id     = "age"
    status = "Enabled"

    filter {}

    dynamic "expiration" {
      for_each = var.lifecycle_days.expire[*]

      content {
        days = expiration.value
      }
    }

    dynamic "noncurrent_version_expiration" {
      for_each = var.lifecycle_days.expire_noncurrent[*]

      content {
        noncurrent_days = noncurrent_version_expiration.value
      }
    }

    dynamic "abort_incomplete_multipart_upload" {
      for_each = var.lifecycle_days.abort_uploads[*]

      content {
        days_after_initiation = abort_incomplete_multipart_upload.value
      }
    }
  }

  depends_on = [aws_s3_bucket_versioning.this]
}

resource "aws_s3_bucket_logging" "this" {
  count = var.log_bucket == null ? 0 : 1

  bucket        = aws_s3_bucket.this.id
  target_bucket = var.log_bucket.name
  target_prefix = "${var.name}/"
}

resource "aws_s3_bucket_notification" "this" {
  count = var.events ? 1 : 0

  bucket      = aws_s3_bucket.this.id
  eventbridge = true
}
