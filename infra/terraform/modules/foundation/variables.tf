variable "environment" {
  description = "Environment, a part of every name that has to be unique in the account."
  type        = string

  validation {
    condition     = contains(["dev", "prod"], var.environment)
    error_message = "environment: expected dev or prod, found ${var.environment}."
  }
}

variable "region" {
  description = "AWS region of the deployment."
  type        = string

  validation {
    condition     = can(regex("^[a-z]{2}-[a-z]+-[0-9]$", var.region))
    error_message = "region: expected the name of a region of the partition aws, such as ap-northeast-1, found ${var.region}."
  }
}

variable "account_id" {
  description = "AWS account of the deployment."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id: expected 12 digits, found ${var.account_id}."
  }
}

variable "name_suffix" {
  description = "Ending of the names where two environments share an account, such as -dev."
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^(-[a-z0-9]{1,12})?$", var.name_suffix))
    error_message = "name_suffix: expected nothing, or a hyphen and at most 12 small letters and digits, such as -dev; found ${var.name_suffix}."
  }
}

variable "upload_cidrs" {
  description = "Address ranges that people upload from and download to."
  type        = list(string)

  validation {
    condition     = length(var.upload_cidrs) > 0
    error_message = "upload_cidrs: expected at least one address range, such as 203.0.113.0/24, found none: nobody could upload."
  }
  validation {
    condition     = alltrue([for each in var.upload_cidrs : can(cidrhost(each, 0))])
    error_message = "upload_cidrs: expected address ranges such as 203.0.113.0/24 or 2001:db8::/48, found ${jsonencode(var.upload_cidrs)}."
  }
  validation {
    condition     = !anytrue([for each in var.upload_cidrs : endswith(each, "/0")])
    error_message = "upload_cidrs: expected the hospitals' own ranges, found ${jsonencode(var.upload_cidrs)}: a range that ends with /0 is everybody."
  }
}

variable "pipeline_role_arns" {
  description = "Roles that are not bound to upload_cidrs: those of the functions, of COPY and UNLOAD, and of the dbt task."
  type        = list(string)

  validation {
    condition     = alltrue([for each in var.pipeline_role_arns : can(regex("^arn:aws:iam::${var.account_id}:role/[A-Za-z0-9+=,.@_/-]+$", each))])
    error_message = "pipeline_role_arns: expected ARNs of roles of this account (arn:aws:iam::${var.account_id}:role/NAME), found ${jsonencode(var.pipeline_role_arns)}."
  }
}

variable "deploy_role_arns" {
  description = "Roles of the deployment, which write processed/docs/ from wherever the workflow runs."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for each in var.deploy_role_arns : can(regex("^arn:aws:iam::${var.account_id}:role/[A-Za-z0-9+=,.@_/-]+$", each))])
    error_message = "deploy_role_arns: expected ARNs of roles of this account (arn:aws:iam::${var.account_id}:role/NAME), found ${jsonencode(var.deploy_role_arns)}."
  }
}

variable "log_retention_days" {
  description = "Days that the trail is kept, in its bucket and in CloudWatch Logs."
  type        = number
  default     = 400

  validation {
    condition     = contains([365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days: expected one of CloudWatch's values from a year on (365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653), found ${var.log_retention_days}."
  }
}
