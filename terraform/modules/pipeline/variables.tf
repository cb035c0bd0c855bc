variable "name" {
  description = "The pipeline's name."
  type        = string

  validation {
    condition     = can(regex("^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,255}$", var.name))
    error_message = "name must be 1 to 256 letters, digits and hyphens."
  }
}

variable "display_name" {
  description = "The name that people see; the pipeline's name when null."
  type        = string
  default     = null
}

variable "description" {
  description = "What the pipeline does."
  type        = string
  default     = null

  validation {
    condition     = var.description == null || length(coalesce(var.description, "-")) <= 3072
    error_message = "description must not exceed 3072 characters."
  }
}

variable "definition" {
  description = <<-EOT
    The definition document, in one of two ways.
    - `json`: the document itself: `file("pipeline.json")`. At most 1 MiB.
    - `s3`: where the document lies. Another document is seen by another `version_id`.
  EOT
  type = object({
    json = optional(string)
    s3 = optional(object({
      bucket     = string
      key        = string
      version_id = optional(string)
    }))
  })

  validation {
    condition     = (var.definition.json == null) != (var.definition.s3 == null)
    error_message = "definition must have either json or s3."
  }

  validation {
    condition     = var.definition.json == null || can(jsondecode(var.definition.json).Steps)
    error_message = "definition.json must be a pipeline's document: a JSON object with Steps."
  }

  validation {
    condition     = var.definition.json == null || length(coalesce(var.definition.json, "-")) <= 1048576
    error_message = "A document of more than 1 MiB must lie in S3."
  }
}

variable "role_arn" {
  description = "The role of executions: it starts the jobs and passes them their roles."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/", var.role_arn))
    error_message = "role_arn must be the ARN of a role."
  }
}

variable "max_parallel_steps" {
  description = "How many steps of an execution run at once."
  type        = number
  default     = 10

  validation {
    condition     = var.max_parallel_steps >= 1 && var.max_parallel_steps == floor(var.max_parallel_steps)
    error_message = "max_parallel_steps must be a whole number, at least 1."
  }
}

variable "tags" {
  description = "Tags for the pipeline."
  type        = map(string)
  default     = {}
}
