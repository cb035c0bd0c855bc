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

variable "permissions_boundary" {
  description = "Name of the policy of this account that bounds every role."
  type        = string
}

variable "first" {
  description = "Whether this is the unit's first environment, where people work: it gets Studio and the project catalog."
  type        = bool
  default     = false
}

variable "operations" {
  description = <<-EOT
    The operations account, by what its names are; nothing is looked up there.
    - `account`, `region`: where it is.
    - `names`: every name there, by kind and purpose.
    - `artifacts_key`: ARN of the registry's key where it is your own.
  EOT
  type = object({
    account       = string
    region        = string
    names         = map(map(string))
    artifacts_key = optional(string)
  })
}

variable "network" {
  description = <<-EOT
    The network that is made, or your own.
    - `cidr`, `zones`, `nat`: its addresses, the number of availability zones, and whether jobs reach the internet.
    - `vpc`, `subnets`, `security_groups`: your own VPC; then none is made.
  EOT
  type = object({
    cidr            = optional(string, "10.0.0.0/16")
    zones           = optional(number, 2)
    nat             = optional(bool, false)
    vpc             = optional(string)
    subnets         = optional(list(string), [])
    security_groups = optional(list(string), [])
  })
  default = {}

  validation {
    condition     = var.network.vpc == null || (length(var.network.subnets) > 0 && length(var.network.security_groups) > 0)
    error_message = "A VPC of your own needs subnets and security_groups."
  }
}

variable "interface_endpoints" {
  description = "AWS services that the network reaches by private addresses; the module's choice when null."
  type        = set(string)
  default     = null
}

variable "forge" {
  description = <<-EOT
    Where the code lives.
    - `kind`: `github`, `gitlab` or `sandbox`.
    - `organization`: organization or group.
    - `repository`: the platform's repository.
    - `host`: of a forge of your own.
  EOT
  type = object({
    kind         = string
    organization = string
    repository   = string
    host         = optional(string)
  })

  validation {
    condition     = contains(["github", "gitlab", "sandbox"], var.forge.kind)
    error_message = "forge.kind must be github, gitlab or sandbox."
  }
}

variable "ci" {
  description = <<-EOT
    Whose tokens take the role `deploy`; when null the account's own principals do.
    - `issuer`: of the tokens, without https://; bootstrap made the identity provider of that name.
    - `audience`, `subjects`: what tokens say, letter by letter.
  EOT
  type = object({
    issuer   = string
    audience = string
    subjects = set(string)
  })
  default = null
}

variable "parameter_path" {
  description = "The path of this environment's SSM parameters, which jobs and people may read."
  type        = string
}

variable "resource_names" {
  description = "What names of pipelines, models, groups and endpoints that roles handle look like; each ends in `*`."
  type        = set(string)
  default     = ["*"]
}

variable "users" {
  description = "Studio users, by what they may do."
  type = object({
    data_scientists = optional(set(string), [])
    leads           = optional(set(string), [])
  })
  default = {}
}

variable "sagemaker_projects" {
  description = "Whether this stack lets SageMaker show projects in the account and region; one stack of an account says so."
  type        = bool
  default     = true
}

variable "products" {
  description = "Templates of projects, as of the module `project-catalog`; paths are relative to the stack's folder."
  type = map(object({
    title       = string
    description = optional(string, "")
    versions    = map(string)
    current     = string
  }))
  default = {}
}

variable "deliveries" {
  description = <<-EOT
    What an approved version starts, by a word of yours.
    - `group`: the model package group.
    - `repository`: `organization/name` on the forge; `workflow` and `ref` of it.
  EOT
  type = map(object({
    group      = string
    repository = string
    workflow   = optional(string, "deploy.yml")
    ref        = optional(string, "main")
  }))
  default = {}

  validation {
    condition     = alltrue([for key in keys(var.deliveries) : can(regex("^[a-zA-Z0-9-]{1,14}$", key))])
    error_message = "A delivery's key must be 1 to 14 letters, digits and hyphens."
  }
}

variable "approval_rules" {
  description = <<-EOT
    Versions that are approved by their metrics, by a word of yours; without rules people approve.
    - `group`: the model package group.
    - `metrics`: by the path of a number in the version's statistics, such as `metrics.accuracy.value`: `at_least`, `at_most`.
  EOT
  type = map(object({
    group = string
    metrics = map(object({
      at_least = optional(number)
      at_most  = optional(number)
    }))
  }))
  default = {}

  validation {
    condition     = alltrue([for key in keys(var.approval_rules) : can(regex("^[a-zA-Z0-9-]{1,14}$", key))])
    error_message = "A rule's key must be 1 to 14 letters, digits and hyphens."
  }

  validation {
    condition     = alltrue([for rule in var.approval_rules : length(rule.metrics) > 0])
    error_message = "A rule must name a metric: without one everything would be approved."
  }
}

variable "events" {
  description = "Schedules of pipelines, failures that people are told of, and drift that retrains, as of the module `pipeline-events`."
  type = object({
    schedules = optional(map(object({
      pipeline_arn     = string
      expression       = string
      description      = optional(string)
      timezone         = optional(string, "UTC")
      parameters       = optional(map(string), {})
      flexible_minutes = optional(number, 0)
      enabled          = optional(bool, true)
    })), {})
    failures = optional(map(object({
      pipeline_arn = string
      statuses     = optional(set(string), ["Failed"])
    })), {})
    drift = optional(map(object({
      pipeline_arn = string
      steps        = set(string)
      retrain_arn  = string
      parameters   = optional(map(string), {})
    })), {})
  })
  default = {}
}

variable "retraining" {
  description = "Use cases that retrain when their data drift, by name, as of the module `retraining`: pipelines by their names, and the `functions` that their steps call."
  type = map(object({
    inference   = string
    train       = string
    checks      = set(string)
    functions   = optional(set(string), [])
    drift_kinds = optional(set(string), ["baseline_drift_check"])
    parameters  = optional(map(string), {})
    schedule = optional(object({
      expression       = string
      timezone         = optional(string, "UTC")
      parameters       = optional(map(string), {})
      flexible_minutes = optional(number, 0)
    }))
    failures = optional(object({
      inference = optional(set(string), ["Failed"])
      train     = optional(set(string), ["Failed"])
    }), {})
    windows = optional(object({
      needed = optional(number, 1)
      of     = optional(number, 1)
    }), {})
    cool_down_hours = optional(number, 24)
    budget = optional(object({
      retrainings = optional(number, 3)
      days        = optional(number, 30)
    }), {})
  }))
  default = {}

  validation {
    condition     = alltrue([for key in keys(var.retraining) : can(regex("^[a-z][a-z0-9-]{0,19}$", key))])
    error_message = "A use case's name must be 1 to 20 small letters, digits and hyphens, beginning with a letter."
  }
}
