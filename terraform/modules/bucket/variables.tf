variable "name" {
  description = "The bucket's name."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9-]{1,61}[a-z0-9]$", var.name))
    error_message = "name must be 3 to 63 lower-case letters, digits and hyphens."
  }
}

variable "kms_key_arn" {
  description = "The key that encrypts the objects, uploads that name another one being refused; S3's own keys when null."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:[a-z-]+:kms:", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a KMS key, or null."
  }
}

variable "access" {
  description = <<-EOT
    Principals (ARNs of accounts or roles) beyond the bucket's own account.
    - `readers`: may list the bucket and get objects.
    - `writers`: may also put objects.
    - `prefixes`: the part of the bucket that both are let into; all of it when empty.
  EOT
  type = object({
    readers  = optional(set(string), [])
    writers  = optional(set(string), [])
    prefixes = optional(set(string), [])
  })
  default = {}

  validation {
    condition     = alltrue([for arn in setunion(var.access.readers, var.access.writers) : startswith(arn, "arn:")])
    error_message = "readers and writers must be ARNs; an account is arn:aws:iam::<account>:root."
  }
}

variable "lifecycle_days" {
  description = <<-EOT
    After how many days something happens to objects; null for never.
    - `expire`: current objects are deleted.
    - `expire_noncurrent`: old versions are deleted.
    - `abort_uploads`: multipart uploads that nobody completes are dropped.
  EOT
  type = object({
    expire            = optional(number)
    expire_noncurrent = optional(number)
    abort_uploads     = optional(number)
  })
  default = {}

  validation {
    condition = alltrue([
      for days in [var.lifecycle_days.expire, var.lifecycle_days.expire_noncurrent, var.lifecycle_days.abort_uploads] :
      days == null ? true : days >= 1
    ])
    error_message = "lifecycle_days must be 1 or more, or null."
  }
}

variable "log_bucket" {
  description = "The bucket that access logs go to, under `<name>/`; none when null."
  type        = object({ name = string })
  default     = null
}

variable "takes_logs" {
  description = "Whether S3 delivers access logs of this account's buckets here. It delivers to no bucket that a KMS key encrypts."
  type        = bool
  default     = false

  validation {
    condition     = !var.takes_logs || var.kms_key_arn == null
    error_message = "S3 delivers no logs to a bucket with kms_key_arn."
  }
}

variable "events" {
  description = "Whether changes of objects go to EventBridge."
  type        = bool
  default     = false
}

variable "force_destroy" {
  description = "Whether destroying the bucket deletes what is in it."
  type        = bool
  default     = false
}

variable "tags" {
  description = "Tags for the bucket."
  type        = map(string)
  default     = {}
}
