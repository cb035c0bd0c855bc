variable "name" {
  description = "What every role and policy begins with: `<name>-execution`."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,47}$", var.name))
    error_message = "name must be 2 to 48 lower-case letters, digits and hyphens, beginning with a letter: roles have 64 at most."
  }
}

variable "permissions_boundary" {
  description = "The ARN of the policy that bounds every role, those too that the catalog makes for projects."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:iam::[0-9]{12}:policy/", var.permissions_boundary))
    error_message = "permissions_boundary must be the ARN of a policy of this account."
  }
}

variable "resource_names" {
  description = <<-EOT
    What the names of pipelines, models, model package groups and endpoints that roles handle look like; each ends in `*`. Name
    prefixes where several environments share an account.
  EOT
  type        = set(string)
  default     = ["*"]

  validation {
    condition     = length(var.resource_names) > 0 && alltrue([for name in var.resource_names : can(regex("^[a-zA-Z0-9-]*\\*$", name))])
    error_message = "resource_names must be beginnings of names that end in *."
  }
}

variable "buckets" {
  description = <<-EOT
    Names of buckets.
    - `work`: read and written by jobs and people.
    - `read`: read only.
    - `catalog`: templates of the project catalog; only the catalog reads it.
  EOT
  type = object({
    work    = set(string)
    read    = optional(set(string), [])
    catalog = optional(string)
  })

  validation {
    condition     = length(var.buckets.work) > 0
    error_message = "buckets.work must name a bucket."
  }
}

variable "key_arns" {
  description = "The KMS keys of those buckets and of volumes. Jobs can name no other key."
  type        = set(string)

  validation {
    condition     = length(var.key_arns) > 0 && alltrue([for arn in var.key_arns : can(regex("^arn:[a-z-]+:kms:", arn))])
    error_message = "key_arns must be ARNs of KMS keys, one at least."
  }
}

variable "network" {
  description = "Where jobs and models must run: these subnets and security groups and no others."
  type = object({
    subnet_ids         = set(string)
    security_group_ids = set(string)
  })

  validation {
    condition     = length(var.network.subnet_ids) > 0 && length(var.network.security_group_ids) > 0
    error_message = "network must name a subnet and a security group."
  }
}

variable "images" {
  description = <<-EOT
    Images that jobs run.
    - `repository_arns`: repositories of yours; those of other accounts must let this one in.
    - `aws_repositories`: names of repositories in AWS's own accounts of this region.
  EOT
  type = object({
    repository_arns  = optional(set(string), [])
    aws_repositories = optional(set(string), ["huggingface-*", "pytorch-*", "sagemaker-*", "tensorflow-*"])
  })
  default = {}

  validation {
    condition     = alltrue([for arn in var.images.repository_arns : can(regex("^arn:[a-z-]+:ecr:", arn))])
    error_message = "images.repository_arns must be ARNs of ECR repositories."
  }
}

variable "registry" {
  description = <<-EOT
    The central model registry in another account; none when null.
    - `account`: its account.
    - `bucket`, `key_arn`: where its artifacts lie, and their key.
    - `registers`: whether pipelines of this account register versions there.
  EOT
  type = object({
    account   = string
    bucket    = string
    key_arn   = string
    registers = optional(bool, false)
  })
  default = null

  validation {
    condition     = var.registry == null || can(regex("^[0-9]{12}$", var.registry.account))
    error_message = "registry.account must be a number of twelve digits."
  }
}

variable "callbacks" {
  description = "What steps of pipelines call: ARNs of `functions` and of `queues`."
  type = object({
    functions = optional(set(string), [])
    queues    = optional(set(string), [])
  })
  default = {}
}

variable "parameter_path" {
  description = "The path of the SSM parameters that jobs and people read, such as `/ropeway/acme/retail/dev`; none when null."
  type        = string
  default     = null

  validation {
    condition     = var.parameter_path == null || can(regex("^/[a-zA-Z0-9_./-]*[a-zA-Z0-9_.-]$", var.parameter_path))
    error_message = "parameter_path must begin with a slash and not end with one."
  }
}

variable "ci" {
  description = <<-EOT
    Who takes the role `deploy`; there is no such role when null.
    - `provider_arn`, `issuer`: the identity provider of the forge, and its name without https://.
    - `audience`, `subjects`: the token's, letter by letter: a repository **and** an environment or branch.
    - `principals`: ARNs of roles that take it instead, where the CI system has no identity provider.
  EOT
  type = object({
    provider_arn = optional(string)
    issuer       = optional(string)
    audience     = optional(string, "sts.amazonaws.com")
    subjects     = optional(set(string), [])
    principals   = optional(set(string), [])
  })
  default = null

  validation {
    condition     = var.ci == null || try(length(var.ci.principals) > 0, false) != try(var.ci.provider_arn != null, false)
    error_message = "ci must name either an identity provider or principals."
  }

  validation {
    condition     = try(var.ci.provider_arn, null) == null || try(var.ci.issuer != null && length(var.ci.subjects) > 0, false)
    error_message = "An identity provider needs issuer and subjects."
  }

  validation {
    condition     = alltrue([for subject in try(var.ci.subjects, []) : !strcontains(subject, "*")])
    error_message = "ci.subjects must be whole: a * would let other repositories or branches in."
  }
}

variable "workplace" {
  description = <<-EOT
    What is there where people work: the roles of Studio and of the project catalog; null elsewhere.
    - `create_project`: ARNs of the functions that templates of projects call.
    - `start_delivery`: ARNs of the functions that rules of projects call.
  EOT
  type = object({
    create_project = optional(set(string), [])
    start_delivery = optional(set(string), [])
  })
  default = null
}

variable "tags" {
  description = "Tags for everything."
  type        = map(string)
  default     = {}
}
