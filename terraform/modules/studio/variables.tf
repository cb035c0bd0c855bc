variable "name" {
  description = "The domain's name."
  type        = string

  validation {
    condition     = can(regex("^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,51}$", var.name))
    error_message = "name must be 1 to 52 letters, digits and hyphens: its scripts' names are longer."
  }
}

variable "network" {
  description = "The VPC, its private subnets, and the security groups of apps."
  type = object({
    vpc_id             = string
    subnet_ids         = set(string)
    security_group_ids = set(string)
  })

  validation {
    condition     = length(var.network.subnet_ids) > 0 && length(var.network.security_group_ids) > 0
    error_message = "network must name a subnet and a security group."
  }
}

variable "kms_key_arn" {
  description = "The key of the people's files."
  type        = string

  validation {
    condition     = can(regex("^arn:[a-z-]+:kms:", var.kms_key_arn))
    error_message = "kms_key_arn must be the ARN of a KMS key."
  }
}

variable "role_arns" {
  description = <<-EOT
    Roles, as the module `job-roles` makes them.
    - `studio`: the domain's, of spaces that several people share.
    - `data_scientist`, `lead`: of the profiles.
  EOT
  type = object({
    studio         = string
    data_scientist = string
    lead           = string
  })

  validation {
    condition     = alltrue([for arn in values(var.role_arns) : can(regex("^arn:[a-z-]+:iam::[0-9]{12}:role/", arn))])
    error_message = "role_arns must be ARNs of roles."
  }

  validation {
    condition     = length(distinct(values(var.role_arns))) == 3
    error_message = "role_arns must be three roles: one for both would let data scientists approve."
  }
}

variable "users" {
  description = "People by what they may do; their profiles are `ds-NAME` and `lead-ds-NAME`."
  type = object({
    data_scientists = optional(set(string), [])
    leads           = optional(set(string), [])
  })
  default = {}

  validation {
    condition     = alltrue([for user in setunion(var.users.data_scientists, var.users.leads) : can(regex("^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,54}$", user))])
    error_message = "A user must be 1 to 55 letters, digits and single hyphens."
  }

  validation {
    condition     = length(setintersection(var.users.data_scientists, var.users.leads)) == 0
    error_message = "A user is either a data scientist or a lead: a lead may all that a data scientist may."
  }
}

variable "apps" {
  description = "What people can open: `JupyterLab`, `CodeEditor`, `Canvas`. All else is hidden."
  type        = set(string)
  default     = ["CodeEditor", "JupyterLab"]

  validation {
    condition     = length(setsubtract(var.apps, ["Canvas", "CodeEditor", "JupyterLab"])) == 0
    error_message = "apps are JupyterLab, CodeEditor and Canvas."
  }
}

variable "idle_minutes" {
  description = "After how many minutes without use an app stops, 60 to 525600. People can choose less, not more."
  type        = number
  default     = 120

  validation {
    condition     = var.idle_minutes >= 60 && var.idle_minutes <= 525600
    error_message = "idle_minutes must be 60 to 525600."
  }
}

variable "start_scripts" {
  description = "Shell scripts that run whenever an app starts, by app: `JupyterLab`, `CodeEditor`."
  type        = map(string)
  default     = {}

  validation {
    condition     = length(setsubtract(keys(var.start_scripts), ["CodeEditor", "JupyterLab"])) == 0
    error_message = "start_scripts are for JupyterLab and CodeEditor."
  }

  validation {
    condition     = alltrue([for script in values(var.start_scripts) : length(base64encode(script)) <= 16384])
    error_message = "A start script has 12288 bytes at most."
  }
}

variable "space_gb" {
  description = "Gigabytes of a space's disk: `default`, and the `maximum` that people can choose."
  type = object({
    default = optional(number, 5)
    maximum = optional(number, 100)
  })
  default = {}

  validation {
    condition     = var.space_gb.default >= 5 && var.space_gb.default <= var.space_gb.maximum && var.space_gb.maximum <= 16384
    error_message = "space_gb must be 5 to 16384, the default no more than the maximum."
  }
}

variable "keep_files" {
  description = "Whether destroying the domain keeps the people's files (the EFS file system)."
  type        = bool
  default     = true
}

variable "tags" {
  description = "Tags for everything."
  type        = map(string)
  default     = {}
}
