variable "name" {
  description = "The function's name, and its role's."
  type        = string

  validation {
    condition     = can(regex("^[a-zA-Z0-9_-]{1,49}$", var.name))
    error_message = "name must be 1 to 49 letters, digits, hyphens and underscores: its queue's name is longer."
  }
}

variable "description" {
  description = "What the function does."
  type        = string
  default     = ""
}

variable "package" {
  description = <<-EOT
    The code.
    - `file`: the path of the zip.
    - `sha256`: its hash in base64, as `filebase64sha256` gives it.
  EOT
  type = object({
    file   = string
    sha256 = string
  })
}

variable "handler" {
  description = "Module and function: `app.handler`."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z_][A-Za-z0-9_./]*\\.[A-Za-z_][A-Za-z0-9_]*$", var.handler))
    error_message = "handler must be module.function."
  }
}

variable "runtime" {
  description = "A Python runtime of Lambda."
  type        = string
  default     = "python3.12"

  validation {
    condition     = can(regex("^python3\\.[0-9]+$", var.runtime))
    error_message = "runtime must be a Python runtime, for example python3.12."
  }
}

variable "environment" {
  description = "Environment variables. No secrets: name where a secret lies."
  type        = map(string)
  default     = {}
}

variable "policy_json" {
  description = "What the function may do beyond logging, as a policy document; nothing when null."
  type        = string
  default     = null

  validation {
    condition     = var.policy_json == null || can(jsondecode(var.policy_json))
    error_message = "policy_json must be a JSON document."
  }
}

variable "limits" {
  description = <<-EOT
    - `timeout_seconds`: 1 to 900.
    - `memory_mb`: 128 to 10240.
    - `concurrency`: how many run at once, reserved for this function; -1 for the account's pool.
  EOT
  type = object({
    timeout_seconds = optional(number, 60)
    memory_mb       = optional(number, 256)
    concurrency     = optional(number, 10)
  })
  default = {}

  validation {
    condition     = var.limits.timeout_seconds >= 1 && var.limits.timeout_seconds <= 900
    error_message = "timeout_seconds must be 1 to 900."
  }

  validation {
    condition     = var.limits.memory_mb >= 128 && var.limits.memory_mb <= 10240
    error_message = "memory_mb must be 128 to 10240."
  }
}

variable "kms_key_arn" {
  description = "The key of environment, logs and dead letters. Its policy must let CloudWatch Logs use it."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a KMS key."
  }
}

variable "network" {
  description = "Private subnets and security groups to run in; outside a network when null."
  type = object({
    subnet_ids         = list(string)
    security_group_ids = list(string)
  })
  default = null
}

variable "rules" {
  description = "ARNs of EventBridge rules that call the function, by a name of yours."
  type        = map(string)
  default     = {}
}

variable "alarms" {
  description = "The topic that is told of failures; nobody when null."
  type        = object({ topic_arn = string })
  default     = null
}

variable "log_retention_days" {
  description = "For how many days logs are kept."
  type        = number
  default     = 365
}

variable "permissions_boundary" {
  description = "The ARN of the role's permissions boundary; none when null."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags for everything."
  type        = map(string)
  default     = {}
}
