# --- What both stacks are given; `ropeway infra` writes all of it from ropeway.yaml.

variable "account" {
  description = "The account's number; the provider refuses credentials of another one."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account))
    error_message = "account must be a number of twelve digits, in quotes."
  }
}

variable "region" {
  description = "The region."
  type        = string
}

variable "prefix" {
  description = "What every name begins with: platform, unit and environment."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9]*(-[a-z0-9]+){2,}$", var.prefix))
    error_message = "prefix must be platform, unit and environment, such as acme-retail-dev."
  }
}

variable "names" {
  description = "Every name, by kind and purpose: `names.bucket.data`."
  type        = map(map(string))
}

variable "parameters" {
  description = <<-EOT
    The SSM parameters to publish, by name.
    - `key`: what it is, such as `network/vpc-id`; one value may be published under several names.
    - `about`: its description.
    - `many`: whether it is a list.
    - `value`: its value where the configuration knows it; else the stack does.
  EOT
  type = map(object({
    key   = string
    about = string
    many  = optional(bool, false)
    value = optional(string)
  }))
  default = {}
}

variable "own_keys" {
  description = "ARNs of KMS keys of your own by purpose; a key is made for every purpose that is not named."
  type        = map(string)
  default     = {}

  validation {
    condition     = alltrue([for arn in values(var.own_keys) : can(regex("^arn:[a-z-]+:kms:", arn))])
    error_message = "own_keys must be ARNs of KMS keys."
  }
}

variable "environments" {
  description = "The unit's environments in the order of promotion: `name` and `account`."
  type = list(object({
    name    = string
    account = string
  }))

  validation {
    condition     = length(var.environments) > 0
    error_message = "There must be an environment."
  }
}

variable "emails" {
  description = "Addresses that are told of failures, drift and budgets."
  type        = set(string)
  default     = []
}

variable "monthly_budget" {
  description = "US dollars a month; no budget when null."
  type        = number
  default     = null
}

variable "quotas" {
  description = "Quotas to ask AWS for, as of the module `quotas`."
  type = map(object({
    service = optional(string, "sagemaker")
    code    = string
    value   = number
  }))
  default = {}
}

variable "disposable" {
  description = "Whether destroying the stack also deletes what is in its buckets, repositories and tables: for trials."
  type        = bool
  default     = false
}

variable "tags" {
  description = "Tags of everything."
  type        = map(string)
  default     = {}
}

# --- What this stack alone is given.

variable "model_groups" {
  description = "Model package groups that stand from the beginning, each with its description; projects make more."
  type        = map(string)
  default     = {}
}

variable "writers" {
  description = "Accounts that register versions, besides the first environment's: those that retrain."
  type        = set(string)
  default     = []

  validation {
    condition     = length(setsubtract(var.writers, var.environments[*].account)) == 0
    error_message = "writers must be accounts of the environments."
  }
}

variable "waiting" {
  description = "Model package groups whose versions that wait for approval the topic is told of, by a word of yours."
  type        = map(string)
  default     = {}

  validation {
    condition     = length(setsubtract(values(var.waiting), keys(var.model_groups))) == 0
    error_message = "waiting must name groups of model_groups."
  }
}
