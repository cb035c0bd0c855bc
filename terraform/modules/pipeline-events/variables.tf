variable "name" {
  description = "What the names of rules, schedules, role and queue begin with."
  type        = string

  validation {
    condition     = can(regex("^[a-zA-Z][a-zA-Z0-9-]{0,33}$", var.name))
    error_message = "name must be 1 to 34 letters, digits and hyphens, beginning with a letter: a rule's name adds 30 more."
  }
}

variable "kms_key_arn" {
  description = "The key of schedules and dead letters. Its policy must let EventBridge (`events.amazonaws.com`) use it."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a KMS key."
  }
}

variable "notify" {
  description = "Whether the topic is told what happened. Said apart from the topic, whose ARN may not be known before it is made."
  type        = bool
  default     = true
}

variable "topic_arn" {
  description = "The topic that is told; its policy must let EventBridge and alarms of this account publish."
  type        = string
  default     = null

  validation {
    condition     = !var.notify || var.topic_arn != null
    error_message = "topic_arn must be given, or notify be false."
  }
}

variable "schedules" {
  description = <<-EOT
    When pipelines start.
    - `pipeline_arn`: which.
    - `expression`: `cron(…)`, `rate(…)` or `at(…)`, as EventBridge Scheduler has them.
    - `timezone`: of the expression.
    - `parameters`: the execution's parameters.
    - `flexible_minutes`: the start may be so much later; 0 for at the minute.
    - `enabled`: whether it starts.
  EOT
  type = map(object({
    pipeline_arn     = string
    expression       = string
    description      = optional(string)
    timezone         = optional(string, "UTC")
    parameters       = optional(map(string), {})
    flexible_minutes = optional(number, 0)
    enabled          = optional(bool, true)
  }))
  default = {}

  validation {
    condition     = alltrue([for schedule in var.schedules : can(regex("^(cron|rate|at)\\(.+\\)$", schedule.expression))])
    error_message = "A schedule's expression must be cron(…), rate(…) or at(…)."
  }

  validation {
    condition     = alltrue([for schedule in var.schedules : schedule.flexible_minutes >= 0 && schedule.flexible_minutes <= 1440])
    error_message = "flexible_minutes must be 0 to 1440."
  }

  validation {
    condition     = alltrue([for schedule in var.schedules : length(schedule.parameters) <= 200])
    error_message = "A schedule passes at most 200 parameters."
  }

  validation {
    condition     = alltrue([for key in keys(var.schedules) : can(regex("^[a-zA-Z0-9-]{1,20}$", key))])
    error_message = "A schedule's key must be 1 to 20 letters, digits and hyphens."
  }
}

variable "failures" {
  description = <<-EOT
    Pipelines whose executions the topic is told of when they end badly.
    - `pipeline_arn`: which.
    - `statuses`: `Failed`, `Stopped` or both.
  EOT
  type = map(object({
    pipeline_arn = string
    statuses     = optional(set(string), ["Failed"])
  }))
  default = {}

  validation {
    condition     = alltrue([for rule in var.failures : length(rule.statuses) > 0 && length(setsubtract(rule.statuses, ["Failed", "Stopped"])) == 0])
    error_message = "statuses must be Failed, Stopped or both."
  }

  validation {
    condition     = alltrue([for key in keys(var.failures) : can(regex("^[a-zA-Z0-9-]{1,20}$", key))])
    error_message = "A failure's key must be 1 to 20 letters, digits and hyphens."
  }
}

variable "drift" {
  description = <<-EOT
    Checks that start a training pipeline when they fail. Steps are named, so that no other failure retrains.
    - `pipeline_arn`: the pipeline that checks.
    - `steps`: its steps that fail on drift.
    - `retrain_arn`: the pipeline that trains anew, each time; or
    - `function`: the function's `arn`, which decides, acts and tells; the rule is let call it.
    - `parameters`: the parameters of the pipeline.
  EOT
  type = map(object({
    pipeline_arn = string
    steps        = set(string)
    retrain_arn  = optional(string)
    function     = optional(object({ arn = string }))
    parameters   = optional(map(string), {})
  }))
  default = {}

  validation {
    condition     = alltrue([for rule in var.drift : (rule.function == null) != (rule.retrain_arn == null)])
    error_message = "A drift rule must have retrain_arn or function, and not both."
  }

  validation {
    condition     = alltrue([for rule in var.drift : length(rule.steps) > 0])
    error_message = "A drift rule must name the steps that check."
  }

  validation {
    condition     = alltrue([for key in keys(var.drift) : can(regex("^[a-zA-Z0-9-]{1,20}$", key))])
    error_message = "A drift rule's key must be 1 to 20 letters, digits and hyphens."
  }
}

variable "approvals" {
  description = <<-EOT
    What an approval sets off: a function that is told which version, a pipeline, or both.
    - `group`: the model package group, by name.
    - `statuses`: of `Approved`, `Rejected` and `PendingManualApproval`.
    - `function`: the function's `arn`; the rule is let call it.
    - `pipeline`: the pipeline's `arn` and the execution's `parameters`.
  EOT
  type = map(object({
    group    = string
    statuses = optional(set(string), ["Approved"])
    function = optional(object({ arn = string }))
    pipeline = optional(object({
      arn        = string
      parameters = optional(map(string), {})
    }))
  }))
  default = {}

  validation {
    condition     = alltrue([for rule in var.approvals : length(rule.statuses) > 0 && length(setsubtract(rule.statuses, ["Approved", "Rejected", "PendingManualApproval"])) == 0])
    error_message = "statuses must be of Approved, Rejected and PendingManualApproval."
  }

  validation {
    condition     = alltrue([for key in keys(var.approvals) : can(regex("^[a-zA-Z0-9-]{1,20}$", key))])
    error_message = "An approval's key must be 1 to 20 letters, digits and hyphens."
  }
}

variable "enabled" {
  description = "Whether anything fires at all: an environment can be set up quiet."
  type        = bool
  default     = true
}

variable "permissions_boundary" {
  description = "The ARN of the role's permissions boundary; none when null."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags for everything that can have them."
  type        = map(string)
  default     = {}
}
