variable "name" {
  description = "What the names of the network's parts begin with."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{1,40}$", var.name))
    error_message = "name must be 2 to 41 lower-case letters, digits and hyphens, beginning with a letter."
  }
}

variable "cidr" {
  description = "The network's addresses, /16 to /24; each zone gets a private subnet with 1/16 of them or more."
  type        = string
  default     = "10.0.0.0/16"

  validation {
    condition     = can(cidrhost(var.cidr, 0)) && try(tonumber(split("/", var.cidr)[1]) >= 16 && tonumber(split("/", var.cidr)[1]) <= 24, false)
    error_message = "cidr must be an IPv4 block of /16 to /24, for example 10.0.0.0/16."
  }
}

variable "zones" {
  description = "Availability zones, six at most; the region's first two when empty."
  type        = list(string)
  default     = []

  validation {
    condition     = length(var.zones) <= 6 && length(distinct(var.zones)) == length(var.zones)
    error_message = "zones must be six different availability zones at most."
  }
}

variable "interface_endpoints" {
  description = "AWS services that are reached through private addresses of this network, by the last part of their name."
  type        = set(string)
  nullable    = false
  default = [
    "ecr.api", "ecr.dkr", "kms", "logs", "monitoring", "sagemaker.api", "sagemaker.runtime", "secretsmanager",
    "servicecatalog", "ssm", "states", "sts",
  ]
}

variable "nat" {
  description = "Whether the private subnets reach the internet: `none`, `single` gateway, or `per_zone`."
  type        = string
  default     = "none"

  validation {
    condition     = contains(["none", "single", "per_zone"], var.nat)
    error_message = "nat must be none, single or per_zone."
  }
}

variable "flow_logs" {
  description = "Where accepted and refused traffic is noted: the key of the log group, and for how many days."
  type = object({
    kms_key_arn    = string
    retention_days = optional(number, 365)
  })
  default = null
}

variable "accounts" {
  description = "Accounts whose resources the endpoints serve, beside this one: the policy of each endpoint names them."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for account in var.accounts : can(regex("^[0-9]{12}$", account))])
    error_message = "accounts must be numbers of twelve digits."
  }
}

variable "permissions_boundary" {
  description = "The ARN of the flow logs' role's permissions boundary; none when null."
  type        = string
  default     = null
}

variable "tags" {
  description = "Tags for everything."
  type        = map(string)
  default     = {}
}
