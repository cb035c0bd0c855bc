variable "name" {
  description = "The portfolio's name."
  type        = string

  validation {
    condition     = can(regex("^.{1,100}$", var.name))
    error_message = "name must be 1 to 100 characters."
  }
}

variable "description" {
  description = "What people read about the portfolio."
  type        = string
  default     = "Templates of machine learning projects"
}

variable "owner" {
  description = "Who answers for the templates."
  type        = string

  validation {
    condition     = can(regex("^.{1,50}$", var.owner))
    error_message = "owner must be 1 to 50 characters."
  }
}

variable "bucket" {
  description = "The name of the bucket that the templates lie in."
  type        = string
}

variable "kms_key_arn" {
  description = "The key of the templates; the bucket's when null."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:[a-z-]+:kms:", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a KMS key, or null."
  }
}

variable "launch_role_arn" {
  description = "The role that makes what a template says, as the module `job-roles` makes it: `catalog-launch`."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/", var.launch_role_arn))
    error_message = "launch_role_arn must be the ARN of a role."
  }
}

variable "principals" {
  description = "Who may launch, by a name of yours: ARNs of roles, users or groups of this account."
  type        = map(string)

  validation {
    condition     = alltrue([for arn in values(var.principals) : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:(role|user|group)/[^*]+$", arn))])
    error_message = "principals must be whole ARNs of roles, users or groups."
  }
}

variable "products" {
  description = <<-EOT
    Templates, by a word of yours.
    - `title`, `description`: what people read.
    - `versions`: the path of each version's CloudFormation template.
    - `current`: the version to use; the others are told to be old.
  EOT
  type = map(object({
    title       = string
    description = optional(string, "")
    versions    = map(string)
    current     = string
  }))
  default = {}

  validation {
    condition     = alltrue([for product in keys(var.products) : can(regex("^[a-z0-9][a-z0-9-]{0,40}$", product))])
    error_message = "A product's key must be 1 to 41 lower-case letters, digits and hyphens."
  }

  validation {
    condition     = alltrue([for product in var.products : contains(keys(product.versions), product.current)])
    error_message = "A product's current version must be one of its versions."
  }

  validation {
    condition     = alltrue(flatten([for product in var.products : [for version in keys(product.versions) : can(regex("^[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}$", version))]]))
    error_message = "A version must be 1 to 64 letters, digits, dots, hyphens and underscores."
  }
}

variable "sagemaker_projects" {
  description = "Whether SageMaker shows projects in this account and region; one portfolio of an account says so."
  type        = bool
  default     = true
}

variable "tags" {
  description = "Tags for everything."
  type        = map(string)
  default     = {}
}
