variable "name" {
  description = "What every name begins with: environment and use case, such as `acme-retail-prod-severity`. Mails begin with it, too."
  type        = string

  validation {
    condition     = can(regex("^[a-zA-Z][a-zA-Z0-9-]{0,33}$", var.name))
    error_message = "name must be 1 to 34 letters, digits and hyphens, beginning with a letter: rules' names are longer."
  }
}

variable "inference_pipeline" {
  description = "The name of the pipeline that checks data before it uses them."
  type        = string

  validation {
    condition     = can(regex("^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,255}$", var.inference_pipeline))
    error_message = "inference_pipeline must be the name of a pipeline, not its ARN."
  }
}

variable "train_pipeline" {
  description = "The name of the pipeline that trains anew. It is told `RetrainingReason`, `DriftReportUrl` and `DriftedDataUrl` where it declares them."
  type        = string

  validation {
    condition     = can(regex("^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,255}$", var.train_pipeline))
    error_message = "train_pipeline must be the name of a pipeline, not its ARN."
  }

  validation {
    condition     = lower(var.train_pipeline) != lower(var.inference_pipeline)
    error_message = "train_pipeline must be another pipeline than inference_pipeline."
  }
}

variable "checks" {
  description = "Steps of the inference pipeline that check data: QualityCheck or ClarifyCheck steps that fail on violations."
  type        = set(string)

  validation {
    condition     = length(var.checks) > 0
    error_message = "checks must name a step."
  }
}

variable "drift_kinds" {
  description = "Kinds of violations that are drift, as reports call them; a violation of any other kind is bad data, which never retrains."
  type        = set(string)
  default     = ["baseline_drift_check"]

  validation {
    condition     = length(var.drift_kinds) > 0 && alltrue([for kind in var.drift_kinds : can(regex("^[A-Za-z_]+$", kind))])
    error_message = "drift_kinds must be kinds of violations, such as baseline_drift_check."
  }
}

variable "parameters" {
  description = "Parameters that every retraining is given, besides what it is told."
  type        = map(string)
  default     = {}

  validation {
    condition     = length(setintersection(keys(var.parameters), ["RetrainingReason", "DriftReportUrl", "DriftedDataUrl"])) == 0
    error_message = "parameters must leave RetrainingReason, DriftReportUrl and DriftedDataUrl to the function."
  }
}

variable "windows" {
  description = "Drift in `needed` of the last `of` ended executions retrains, the one that drifted included; 1 of 1 at once."
  type = object({
    needed = optional(number, 1)
    of     = optional(number, 1)
  })
  default = {}

  validation {
    condition     = var.windows.needed >= 1 && var.windows.of <= 100 && floor(var.windows.needed) == var.windows.needed && floor(var.windows.of) == var.windows.of
    error_message = "windows.needed and windows.of must be whole numbers from 1 to 100."
  }

  validation {
    condition     = var.windows.needed <= var.windows.of
    error_message = "windows.needed must not be more than windows.of."
  }
}

variable "cool_down_hours" {
  description = "Hours from the beginning of one retraining for drift to the next."
  type        = number
  default     = 24

  validation {
    condition     = var.cool_down_hours >= 0 && var.cool_down_hours <= 8760
    error_message = "cool_down_hours must be 0 to 8760."
  }
}

variable "budget" {
  description = "At most so many `retrainings` for drift in so many `days`."
  type = object({
    retrainings = optional(number, 3)
    days        = optional(number, 30)
  })
  default = {}

  validation {
    condition     = var.budget.retrainings >= 0 && floor(var.budget.retrainings) == var.budget.retrainings && var.budget.days > 0 && var.budget.days <= 366
    error_message = "budget.retrainings must be a whole number from 0, budget.days more than 0 and at most 366."
  }
}

variable "schedule" {
  description = <<-EOT
    When inference runs; not by the clock when null.
    - `expression`: `cron(…)`, `rate(…)` or `at(…)`, as EventBridge Scheduler has them.
    - `timezone`: of the expression.
    - `parameters`: of the inference pipeline.
    - `flexible_minutes`: the start may be so much later; 0 for at the minute.
  EOT
  type = object({
    expression       = string
    timezone         = optional(string, "UTC")
    parameters       = optional(map(string), {})
    flexible_minutes = optional(number, 0)
  })
  default = null

  validation {
    condition     = var.schedule == null || can(regex("^(cron|rate|at)\\(.+\\)$", var.schedule.expression))
    error_message = "schedule.expression must be cron(…), rate(…) or at(…)."
  }
}

variable "failures" {
  description = "How executions end that people are told of, by pipeline: `Failed`, `Stopped`, both, or none."
  type = object({
    inference = optional(set(string), ["Failed"])
    train     = optional(set(string), ["Failed"])
  })
  default = {}

  validation {
    condition     = length(setsubtract(setunion(var.failures.inference, var.failures.train), ["Failed", "Stopped"])) == 0
    error_message = "failures must be of Failed and Stopped."
  }
}

variable "reports" {
  description = <<-EOT
    What the function reads of S3.
    - `places`: `bucket` or `bucket/prefix` below which reports of checks lie: files `constraint_violations.json`.
    - `key_arns`: the keys of these.
  EOT
  type = object({
    places   = set(string)
    key_arns = optional(list(string), [])
  })

  validation {
    condition     = length(var.reports.places) > 0 && alltrue([for place in var.reports.places : can(regex("^[a-z0-9][a-z0-9.-]+(/[^*?]*[^*?/])?$", place))])
    error_message = "reports.places must be a bucket, or a bucket and a prefix, without a slash at the end."
  }
}

variable "topic_arn" {
  description = "The topic that is told; its policy must let EventBridge and alarms of this account publish."
  type        = string
}

variable "key_arns" {
  description = <<-EOT
    Keys, by what they are for.
    - `function`: environment and logs of the function; its policy must let CloudWatch Logs use it.
    - `messages`: the topic, the schedule and dead letters; its policy must let EventBridge use it.
  EOT
  type = object({
    function = string
    messages = string
  })

  validation {
    condition     = alltrue([for arn in values(var.key_arns) : can(regex("^arn:[a-z-]+:kms:", arn))])
    error_message = "key_arns must be ARNs of KMS keys."
  }
}

variable "package" {
  description = "The functions' code, as `python -m ropeway.functions.package` makes it: `file`, and `sha256` as `filebase64sha256` gives it."
  type = object({
    file   = string
    sha256 = string
  })
}

variable "enabled" {
  description = "Whether rules and the schedule fire: a loop can be set up quiet."
  type        = bool
  default     = true
}

variable "permissions_boundary" {
  description = "The ARN of the roles' permissions boundary; none when null."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags for everything that can have them."
  type        = map(string)
  default     = {}
}
