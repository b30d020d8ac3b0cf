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

variable "base_rpu" {
  description = "Capacity that the warehouse starts with, in Redshift processing units."
  type        = number
  default     = 8

  validation {
    condition     = var.base_rpu >= 8 && var.base_rpu <= 512 && var.base_rpu % 8 == 0
    error_message = "base_rpu: expected a multiple of 8 from 8 to 512, found ${var.base_rpu}. 8 is enough to begin with."
  }
}

variable "max_rpu" {
  description = "Capacity that the warehouse may grow to, in Redshift processing units. It caps the speed of spending, not the sum."
  type        = number
  default     = 16

  validation {
    condition     = var.max_rpu >= var.base_rpu && var.max_rpu <= 512 && var.max_rpu % 8 == 0
    error_message = "max_rpu: expected a multiple of 8 from base_rpu (${var.base_rpu}) to 512, found ${var.max_rpu}."
  }
}

variable "monthly_rpu_hours" {
  description = "Compute that the warehouse may use in a month, in RPU hours: a warning at 80 %, then it stops."
  type        = number
  default     = 60

  validation {
    condition     = var.monthly_rpu_hours >= 1 && floor(var.monthly_rpu_hours) == var.monthly_rpu_hours
    error_message = "monthly_rpu_hours: expected a whole number from 1, found ${var.monthly_rpu_hours}."
  }
}

variable "max_query_seconds" {
  description = "Seconds that a single query may run, whoever sends it. The default is half of what the dbt task may take as a whole."
  type        = number
  default     = 3600

  validation {
    condition     = var.max_query_seconds >= 60 && var.max_query_seconds <= 86399 && floor(var.max_query_seconds) == var.max_query_seconds
    error_message = "max_query_seconds: expected whole seconds from 60 to 86399, found ${var.max_query_seconds}."
  }
}

variable "kms_key_arn" {
  description = "Key that encrypts the warehouse, its administrator's password and its logs: a key of this account and region."
  type        = string

  validation {
    condition     = startswith(var.kms_key_arn, "arn:aws:kms:${var.region}:${var.account_id}:key/")
    error_message = "kms_key_arn: expected the ARN of a key of this account and region (arn:aws:kms:${var.region}:${var.account_id}:key/ID), found ${var.kms_key_arn}. An alias will not do."
  }
}

variable "copy_role_arn" {
  description = "Role of COPY, UNLOAD and the external schema: the namespace's only and default role. It has to be copy_role_arn of the iam module: role_arns waits for policies that name the workgroup."
  type        = string

  validation {
    condition     = can(regex("^arn:aws:iam::${var.account_id}:role/", var.copy_role_arn))
    error_message = "copy_role_arn: expected the ARN of a role of this account (arn:aws:iam::${var.account_id}:role/NAME), found ${var.copy_role_arn}."
  }
}

variable "topic_arn" {
  description = "Topic that the alarms of the usage limits go to."
  type        = string
}

variable "log_retention_days" {
  description = "Days that the audit logs are kept."
  type        = number
  default     = 400

  validation {
    condition     = contains([365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days: expected one of CloudWatch's values from a year on (365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653), found ${var.log_retention_days}."
  }
}

variable "vpc_id" {
  description = "VPC of the warehouse; null is the default VPC of the region, which is then read from AWS."
  type        = string
  default     = null
}

variable "subnet_ids" {
  description = "Subnets of vpc_id, in two availability zones at least; empty are those of the default VPC."
  type        = list(string)
  default     = []

  validation {
    condition     = (var.vpc_id == null) == (length(var.subnet_ids) == 0)
    error_message = "subnet_ids: expected subnets where vpc_id is given and none where it is not, found vpc_id ${coalesce(var.vpc_id, "null")} and ${length(var.subnet_ids)} subnets."
  }
}

variable "enable_quicksight" {
  description = "Whether QuickSight's VPC connection may reach the warehouse on port 5439. Nothing else ever may."
  type        = bool
  default     = false
}

variable "quicksight_group" {
  description = "Security group of QuickSight's VPC connection; read only where enable_quicksight is true."
  type        = string
  default     = null
}
