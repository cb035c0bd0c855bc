variable "repositories" {
  description = "The repositories' names."
  type        = set(string)

  validation {
    condition     = alltrue([for name in var.repositories : can(regex("^[a-z0-9]+([._/-][a-z0-9]+)*$", name)) && length(name) >= 2 && length(name) <= 256])
    error_message = "A repository's name must be 2 to 256 lower-case letters and digits, parted by single . _ - or /."
  }
}

variable "kms_key_arn" {
  description = "The key of the images."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a KMS key."
  }
}

variable "readers" {
  description = "Accounts that pull."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for account in var.readers : can(regex("^[0-9]{12}$", account))])
    error_message = "readers must be account numbers of twelve digits."
  }
}

variable "untagged_days" {
  description = "After how many days images without a tag are deleted."
  type        = number
  default     = 30

  validation {
    condition     = var.untagged_days >= 1
    error_message = "untagged_days must be 1 or more."
  }
}

variable "force_destroy" {
  description = "Whether destroying a repository deletes its images."
  type        = bool
  default     = false
}

variable "tags" {
  description = "Tags for every repository."
  type        = map(string)
  default     = {}
}
