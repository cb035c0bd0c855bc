variable "name" {
  description = "The endpoint's name; those of models, configuration and alarms begin with it."
  type        = string

  validation {
    condition     = can(regex("^[a-zA-Z](-*[a-zA-Z0-9]){0,32}$", var.name)) && length(var.name) <= 33
    error_message = "name must be 1 to 33 letters, digits and hyphens, beginning with a letter: a variant and a digest follow."
  }
}

variable "variants" {
  description = <<-EOT
    What shares the traffic, by name.
    - `container`: what serves: an `image` with its `model_data_url`, or a `model_package_arn`; see the module model.
    - `instance`: the machines: their `type` and, to begin with, `count`.
    - `weight`: the share of the requests, relative to the others.
    - `startup_seconds`: in which containers must answer their ping, 60 to 3600.
    - `scaling`: between which bounds the count follows the requests, with the requests per instance and minute that are aimed
      at; the count stays when null.
  EOT
  type = map(object({
    container = object({
      image                   = optional(string)
      model_data_url          = optional(string)
      model_package_arn       = optional(string)
      inference_specification = optional(string)
      environment             = optional(map(string), {})
    })
    instance = optional(object({
      type  = optional(string, "ml.m5.large")
      count = optional(number, 1)
    }), {})
    weight          = optional(number, 1)
    startup_seconds = optional(number, 600)
    scaling = optional(object({
      min                      = number
      max                      = number
      invocations_per_instance = number
      in_cooldown_seconds      = optional(number, 300)
      out_cooldown_seconds     = optional(number, 60)
    }))
  }))

  validation {
    condition     = length(var.variants) >= 1 && length(var.variants) <= 10
    error_message = "An endpoint has 1 to 10 variants."
  }

  validation {
    condition     = alltrue([for name in keys(var.variants) : can(regex("^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,19}$", name)) && length(name) <= 20])
    error_message = "A variant's name must be 1 to 20 letters, digits and hyphens."
  }

  validation {
    condition     = alltrue([for variant in var.variants : startswith(variant.instance.type, "ml.") && variant.instance.count >= 1])
    error_message = "An instance's type must be an ml. type, its count at least 1."
  }

  validation {
    condition     = alltrue([for variant in var.variants : variant.weight >= 0]) && sum([for variant in var.variants : variant.weight]) > 0
    error_message = "Weights must not be negative, and one must be above 0."
  }

  validation {
    condition     = alltrue([for variant in var.variants : variant.startup_seconds >= 60 && variant.startup_seconds <= 3600])
    error_message = "startup_seconds must be 60 to 3600."
  }

  validation {
    condition     = alltrue([for variant in var.variants : variant.scaling == null ? true : variant.scaling.min >= 1 && variant.scaling.min <= variant.scaling.max])
    error_message = "scaling.min must be at least 1 and at most scaling.max."
  }
}

variable "role_arn" {
  description = "The role that the containers run as."
  type        = string
}

variable "kms_key_arn" {
  description = "The key of the instances' volumes; SageMaker's own when null, which instances with local disks demand."
  type        = string
  default     = null

  validation {
    condition     = var.kms_key_arn == null || can(regex("^arn:[a-z-]+:kms:", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a KMS key, or null."
  }
}

variable "capture" {
  description = <<-EOT
    Which requests are kept for monitoring; none when null.
    - `uri`: the S3 prefix.
    - `percentage`: of the requests.
    - `modes`: `Input`, `Output` or both.
    - `kms_key_arn`: the key of the files; the bucket's when null.
  EOT
  type = object({
    uri         = string
    percentage  = optional(number, 100)
    modes       = optional(set(string), ["Input", "Output"])
    kms_key_arn = optional(string)
  })
  default = null

  validation {
    condition     = var.capture == null ? true : can(regex("^s3://[^/]+", var.capture.uri))
    error_message = "capture.uri must be an S3 address."
  }

  validation {
    condition     = var.capture == null ? true : var.capture.percentage >= 0 && var.capture.percentage <= 100
    error_message = "capture.percentage must be 0 to 100."
  }

  validation {
    condition     = var.capture == null ? true : length(var.capture.modes) > 0 && length(setsubtract(var.capture.modes, ["Input", "Output"])) == 0
    error_message = "capture.modes must be Input, Output or both."
  }
}

variable "rollout" {
  description = <<-EOT
    How an update shifts the traffic.
    - `type`: `ALL_AT_ONCE`, `CANARY` (a part, then the rest) or `LINEAR` (in equal parts).
    - `percent`: the part.
    - `wait_seconds`: after each step, while alarms may call the update off.
    - `termination_seconds`: for which the old instances stay.
    - `timeout_seconds`: of the whole update, 600 to 14400.
  EOT
  type = object({
    type                = optional(string, "CANARY")
    percent             = optional(number, 10)
    wait_seconds        = optional(number, 300)
    termination_seconds = optional(number, 0)
    timeout_seconds     = optional(number, 3600)
  })
  default = {}

  validation {
    condition     = contains(["ALL_AT_ONCE", "CANARY", "LINEAR"], var.rollout.type)
    error_message = "type must be ALL_AT_ONCE, CANARY or LINEAR."
  }

  validation {
    condition     = var.rollout.percent >= 5 && var.rollout.percent <= 50
    error_message = "percent must be 5 to 50, as SageMaker has it."
  }

  validation {
    condition     = var.rollout.wait_seconds >= 0 && var.rollout.wait_seconds <= 3600
    error_message = "wait_seconds must be 0 to 3600."
  }

  validation {
    condition     = var.rollout.timeout_seconds >= 600 && var.rollout.timeout_seconds <= 14400
    error_message = "timeout_seconds must be 600 to 14400."
  }
}

variable "alarms" {
  description = <<-EOT
    What rings, for each variant.
    - `errors`: more 5xx answers a minute than these; never when null.
    - `latency_ms`: the 99th percentile of the containers' time is longer; never when null.
    - `minutes`: for so many minutes in a row.
    - `rollback`: whether a ringing alarm calls an update off.
  EOT
  type = object({
    errors     = optional(number)
    latency_ms = optional(number)
    minutes    = optional(number, 1)
    rollback   = optional(bool, true)
  })
  default = { errors = 0 }

  validation {
    condition     = var.alarms.minutes >= 1
    error_message = "minutes must be at least 1."
  }
}

variable "notify" {
  description = "Whether the topic is told of alarms. Said apart from the topic, whose ARN may not be known before it is made."
  type        = bool
  default     = true
}

variable "topic_arn" {
  description = "The topic that is told of alarms."
  type        = string
  default     = null

  validation {
    condition     = !var.notify || var.topic_arn != null
    error_message = "topic_arn must be given, or notify be false."
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
  description = "Tags for everything that can have them."
  type        = map(string)
  default     = {}
}
