variable "name" {
  description = "The topic's name."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9_-]{1,256}$", var.name))
    error_message = "name must be 1 to 256 letters, digits, hyphens and underscores."
  }
}

variable "kms_key_arn" {
  description = "The key of the messages. Its policy must let the publishing services use it, else nothing arrives."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a KMS key."
  }
}

variable "publishers" {
  description = "AWS services of this account that publish."
  type        = set(string)
  default     = ["budgets.amazonaws.com", "cloudwatch.amazonaws.com", "events.amazonaws.com"]
}

variable "emails" {
  description = "Addresses that are told; each confirms by the mail that AWS sends."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for email in var.emails : can(regex("^[^@\\s]+@[^@\\s]+\\.[^@\\s]+$", email))])
    error_message = "emails must be e-mail addresses."
  }
}

variable "tags" {
  description = "Tags for the topic."
  type        = map(string)
  default     = {}
}
