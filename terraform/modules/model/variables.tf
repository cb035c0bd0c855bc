variable "name" {
  description = "What the model's name begins with; a digest of its content follows."
  type        = string

  validation {
    condition     = can(regex("^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,53}$", var.name))
    error_message = "name must be 1 to 54 letters, digits and hyphens: a digest of 9 characters follows."
  }
}

variable "container" {
  description = <<-EOT
    What serves: an image and, where it needs one, its artefact, or a registered version.
    - `image`: the image, best by digest.
    - `model_data_url`: the S3 address of `model.tar.gz`.
    - `model_package_arn`: an approved version of a model package group, instead of the two.
    - `inference_specification`: an additional specification of that version; its own when null.
    - `environment`: variables of the container. No secrets: name where a secret lies.
  EOT
  type = object({
    image                   = optional(string)
    model_data_url          = optional(string)
    model_package_arn       = optional(string)
    inference_specification = optional(string)
    environment             = optional(map(string), {})
  })

  validation {
    condition     = (var.container.image == null) != (var.container.model_package_arn == null)
    error_message = "container must name either an image or a model_package_arn."
  }

  validation {
    condition     = var.container.model_package_arn == null || var.container.model_data_url == null
    error_message = "A model_package_arn brings its own model_data_url."
  }

  validation {
    condition     = var.container.model_data_url == null || can(regex("^s3://[^/]+/.+", var.container.model_data_url))
    error_message = "model_data_url must be the S3 address of an archive."
  }

  validation {
    condition     = var.container.model_package_arn == null || can(regex("^arn:[a-z-]+:sagemaker:[a-z0-9-]+:[0-9]{12}:model-package/", var.container.model_package_arn))
    error_message = "model_package_arn must be the ARN of a model package."
  }
}

variable "role_arn" {
  description = "The role that the containers run as: it reads image and artefact."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/", var.role_arn))
    error_message = "role_arn must be the ARN of a role."
  }
}

variable "network" {
  description = "Private subnets and security groups of the containers; outside a network when null."
  type = object({
    subnet_ids         = set(string)
    security_group_ids = set(string)
  })
  default = null
}

variable "isolated" {
  description = "Whether containers may call nothing at all, AWS neither."
  type        = bool
  default     = true
}

variable "tags" {
  description = "Tags for the model."
  type        = map(string)
  default     = {}
}
