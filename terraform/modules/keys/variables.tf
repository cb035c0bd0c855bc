variable "name" {
  description = "What the aliases begin with: `alias/<name>-<purpose>`."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,40}$", var.name))
    error_message = "name must be 2 to 41 lower-case letters, digits and hyphens, beginning with a letter."
  }
}

variable "keys" {
  description = <<-EOT
    One key for each purpose.
    - `description`: what it encrypts.
    - `users`: principals of this or other accounts (ARNs of accounts or roles) that encrypt and decrypt with it.
    - `readers`: principals that only decrypt.
    - `services`: AWS services that use it for this account, for example `events.amazonaws.com`.
    - `deletion_window_in_days`: how long a deleted key can be brought back, 7 to 30.
  EOT
  type = map(object({
    description             = string
    users                   = optional(set(string), [])
    readers                 = optional(set(string), [])
    services                = optional(set(string), [])
    deletion_window_in_days = optional(number, 30)
  }))

  validation {
    condition     = alltrue([for purpose in keys(var.keys) : can(regex("^[a-z][a-z0-9-]{1,20}$", purpose))])
    error_message = "A key's purpose must be 2 to 21 lower-case letters, digits and hyphens, beginning with a letter."
  }

  validation {
    condition = alltrue([
      for key in var.keys : key.deletion_window_in_days >= 7 && key.deletion_window_in_days <= 30
    ])
    error_message = "deletion_window_in_days must be 7 to 30."
  }

  validation {
    condition = alltrue(flatten([
      for key in var.keys : [for arn in setunion(key.users, key.readers) : startswith(arn, "arn:")]
    ]))
    error_message = "users and readers must be ARNs; an account is arn:aws:iam::<account>:root."
  }
}

variable "tags" {
  description = "Tags for every key."
  type        = map(string)
  default     = {}
}
