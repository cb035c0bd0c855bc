variable "bucket" {
  description = "The name of the bucket that models lie in."
  type        = string
}

variable "kms_key_arn" {
  description = "The key of the bucket; readers and writers must be let into it too."
  type        = string
}

variable "groups" {
  description = "Model package groups, each with its description."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.groups) : can(regex("^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}$", name))])
    error_message = "A group's name must be 1 to 63 letters, digits and single hyphens."
  }
}

variable "readers" {
  description = "Accounts that read versions and artefacts."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for account in var.readers : can(regex("^[0-9]{12}$", account))])
    error_message = "readers must be account numbers of twelve digits."
  }
}

variable "writers" {
  description = "Accounts that also register versions and put artefacts. None of them approves: that is this account's."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for account in var.writers : can(regex("^[0-9]{12}$", account))])
    error_message = "writers must be account numbers of twelve digits."
  }
}

variable "log_bucket" {
  description = "The bucket that access logs go to, under `<bucket>/`; none when null."
  type        = object({ name = string })
  default     = null
}

variable "force_destroy" {
  description = "Whether destroying the registry deletes the artefacts."
  type        = bool
  default     = false
}

variable "tags" {
  description = "Tags for everything."
  type        = map(string)
  default     = {}
}
