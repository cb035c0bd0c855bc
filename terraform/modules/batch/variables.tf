variable "name" {
  description = "The name of pipeline, schedule and queue; the model's begins with it."
  type        = string

  validation {
    condition     = can(regex("^[a-zA-Z](-*[a-zA-Z0-9]){0,33}$", var.name)) && length(var.name) <= 34
    error_message = "name must be 1 to 34 letters, digits and hyphens, beginning with a letter."
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
}

variable "role_arn" {
  description = "The role that the containers run as."
  type        = string
}

variable "pipeline_role_arn" {
  description = "The role of executions: it starts transform jobs."
  type        = string
}

variable "kms_key_arn" {
  description = "The key of outputs, volumes, schedule and dead letters. Its policy must let EventBridge use it."
  type        = string
}

variable "input" {
  description = <<-EOT
    What is asked about.
    - `uri`: the S3 prefix; an execution's parameter `InputUri` may say another.
    - `content_type`: what the container is told that it is.
    - `split_type`: `Line`, `None`, `RecordIO` or `TFRecord`.
    - `compression_type`: `Gzip` or `None`.
  EOT
  type = object({
    uri              = string
    content_type     = optional(string, "text/csv")
    split_type       = optional(string, "Line")
    compression_type = optional(string)
  })

  validation {
    condition     = can(regex("^s3://[^/]+", var.input.uri))
    error_message = "input.uri must be an S3 address."
  }

  validation {
    condition     = contains(["Line", "None", "RecordIO", "TFRecord"], coalesce(var.input.split_type, "None"))
    error_message = "split_type must be Line, None, RecordIO or TFRecord."
  }
}

variable "output" {
  description = <<-EOT
    What is answered.
    - `uri`: the S3 prefix; each execution writes below it, under its id. The parameter `OutputUri` may say another.
    - `accept`: the type that the container is asked for.
    - `assemble_with`: `Line` or `None`.
  EOT
  type = object({
    uri           = string
    accept        = optional(string)
    assemble_with = optional(string, "Line")
  })

  validation {
    condition     = can(regex("^s3://[^/]+", var.output.uri))
    error_message = "output.uri must be an S3 address."
  }

  validation {
    condition     = contains(["Line", "None"], coalesce(var.output.assemble_with, "None"))
    error_message = "assemble_with must be Line or None."
  }
}

variable "records" {
  description = <<-EOT
    What becomes of the records around the model, as JSONPath.
    - `input_filter`: what of a record the model sees.
    - `join_source`: `Input` puts answers beside their records.
    - `output_filter`: what of that is written.
  EOT
  type = object({
    input_filter  = optional(string)
    join_source   = optional(string)
    output_filter = optional(string)
  })
  default = {}

  validation {
    condition     = contains(["Input", "None"], coalesce(var.records.join_source, "None"))
    error_message = "join_source must be Input or None."
  }
}

variable "instances" {
  description = "The machines of a job: their `type` and `count`."
  type = object({
    type  = optional(string, "ml.m5.large")
    count = optional(number, 1)
  })
  default = {}

  validation {
    condition     = startswith(var.instances.type, "ml.") && var.instances.count >= 1
    error_message = "type must be an ml. type, count at least 1."
  }
}

variable "requests" {
  description = <<-EOT
    How the container is asked; its own wishes, or SageMaker's, where null.
    - `strategy`: `MultiRecord` or `SingleRecord`.
    - `concurrency`: requests at once.
    - `payload_mb`: megabytes of a request at most.
  EOT
  type = object({
    strategy    = optional(string)
    concurrency = optional(number)
    payload_mb  = optional(number)
  })
  default = {}

  validation {
    condition     = contains(["MultiRecord", "SingleRecord"], coalesce(var.requests.strategy, "MultiRecord"))
    error_message = "strategy must be MultiRecord or SingleRecord."
  }
}

variable "schedule" {
  description = <<-EOT
    When it runs; by hand only when null.
    - `expression`: `cron(…)`, `rate(…)` or `at(…)`.
    - `timezone`: of the expression.
    - `flexible_minutes`: the start may be so much later; 0 for at the minute.
    - `enabled`: whether it runs.
  EOT
  type = object({
    expression       = string
    timezone         = optional(string, "UTC")
    flexible_minutes = optional(number, 0)
    enabled          = optional(bool, true)
  })
  default = null
}

variable "notify" {
  description = "Whether the topic is told of failures."
  type        = bool
  default     = true
}

variable "topic_arn" {
  description = "The topic that is told of failures."
  type        = string
  default     = null
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

variable "permissions_boundary" {
  description = "The ARN of the schedule's role's permissions boundary; none when null."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags for everything that can have them."
  type        = map(string)
  default     = {}
}
