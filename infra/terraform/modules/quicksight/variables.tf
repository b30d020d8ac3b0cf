variable "environment" {
  description = "Environment, a part of every name that has to be unique in the account."
  type        = string

  validation {
    condition     = contains(["dev", "prod"], var.environment)
    error_message = "environment: expected dev or prod, found ${var.environment}."
  }
}

variable "region" {
  description = "AWS region of the warehouse and of the data sets."
  type        = string
}

variable "account_id" {
  description = "AWS account that has a QuickSight subscription in this region; the subscription itself is signed by a person."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id: expected 12 digits, found ${var.account_id}."
  }
}

variable "name_suffix" {
  description = "Ending of the fixed names where two environments share an account, such as -dev."
  type        = string
  default     = ""
}

variable "columns" {
  description = "Columns of each data set in order, in Glue's words: the catalog's output of this name. A data set is a mart of the same name."
  type        = map(list(object({ name = string, type = string })))

  validation {
    condition     = alltrue(flatten([for columns in var.columns : [for column in columns : contains(["bigint", "boolean", "date", "double", "int", "string", "timestamp"], column.type)]]))
    error_message = "columns: expected the types bigint, boolean, date, double, int, string and timestamp, found ${join(", ", distinct(flatten([for columns in var.columns : columns[*].type])))}."
  }
}

variable "workgroup_endpoint" {
  description = "Host of the warehouse inside the VPC."
  type        = string
}

variable "database" {
  description = "Database of the warehouse."
  type        = string
  default     = "dpc"
}

variable "redshift_security_group_id" {
  description = "Security group of the warehouse: the only place that this connection can reach. The rule that lets it in is the warehouse's."
  type        = string
}

variable "role_arn" {
  description = "Role that QuickSight makes its network interfaces under."
  type        = string
}

variable "kms_key_arn" {
  description = "Key of the secret with the reader's user and password."
  type        = string
}

variable "vpc_id" {
  description = "VPC of the warehouse."
  type        = string
}

variable "subnet_ids" {
  description = "Subnets of the connection, in two availability zones at least."
  type        = list(string)

  validation {
    condition     = length(distinct(var.subnet_ids)) >= 2
    error_message = "subnet_ids: expected two subnets at least, found ${join(", ", var.subnet_ids)}."
  }
}

variable "principal_arn" {
  description = "QuickSight group or user that may use the data sets; null is nobody but QuickSight's administrators."
  type        = string
  default     = null

  validation {
    condition     = var.principal_arn == null || can(regex("^arn:aws:quicksight:[a-z0-9-]+:[0-9]{12}:(group|user)/.+$", var.principal_arn))
    error_message = "principal_arn: expected arn:aws:quicksight:REGION:ACCOUNT:group/NAMESPACE/NAME (or user/...), found ${coalesce(var.principal_arn, "null")}."
  }
}

variable "refresh_time" {
  description = "Time of day when the data sets are loaded anew, after the daily run has ended."
  type        = string
  default     = "06:00"

  validation {
    condition     = can(regex("^([01][0-9]|2[0-3]):[0-5][0-9]$", var.refresh_time))
    error_message = "refresh_time: expected a time of day such as 06:00, found ${var.refresh_time}."
  }
}

variable "refresh_timezone" {
  description = "Time zone of refresh_time, as IANA names it."
  type        = string
  default     = "Asia/Tokyo"
}
