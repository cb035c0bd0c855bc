variable "quotas" {
  description = <<-EOT
    Quotas by a name of yours.
    - `service`: the service's code; `aws service-quotas list-services` tells them.
    - `code`: the quota's code; `aws service-quotas list-service-quotas` tells them.
    - `value`: what is needed. AWS refuses less than what there is.
  EOT
  type = map(object({
    service = optional(string, "sagemaker")
    code    = string
    value   = number
  }))

  validation {
    condition     = alltrue([for quota in var.quotas : can(regex("^L-[A-Z0-9]{8}$", quota.code))])
    error_message = "A quota's code is L- and eight letters or digits."
  }

  validation {
    condition     = alltrue([for quota in var.quotas : quota.value > 0])
    error_message = "A quota's value must be more than 0."
  }
}
