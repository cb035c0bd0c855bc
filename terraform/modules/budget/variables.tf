variable "name" {
  description = "The budget's name."
  type        = string

  validation {
    condition     = can(regex("^[^:\\\\]{1,100}$", var.name))
    error_message = "name must be 1 to 100 characters without : and \\."
  }
}

variable "monthly_usd" {
  description = "US dollars a month."
  type        = number

  validation {
    condition     = var.monthly_usd > 0
    error_message = "monthly_usd must be more than 0."
  }
}

variable "services" {
  description = "Services that count, as Cost Explorer names them; all when empty."
  type        = set(string)
  default     = []
}

variable "thresholds" {
  description = <<-EOT
    When people are told, by a name of yours.
    - `percent`: of the budget.
    - `forecast`: whether the month's forecast counts instead of what was spent.
  EOT
  type = map(object({
    percent  = number
    forecast = optional(bool, false)
  }))
  default = {
    most     = { percent = 80 }
    all      = { percent = 100 }
    expected = { percent = 100, forecast = true }
  }

  validation {
    condition     = alltrue([for threshold in var.thresholds : threshold.percent > 0 && threshold.percent <= 1000])
    error_message = "percent must be more than 0, and 1000 at most."
  }
}

variable "emails" {
  description = "Addresses that are told."
  type        = set(string)
  default     = []
}

variable "topic_arn" {
  description = "A topic that is told."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags for the budget."
  type        = map(string)
  default     = {}
}
