variable "environment" {
  description = "Environment, a part of every name that has to be unique in the account."
  type        = string

  validation {
    condition     = contains(["dev", "prod"], var.environment)
    error_message = "environment: expected dev or prod, found ${var.environment}."
  }
}

variable "region" {
  description = "AWS region of the catalog."
  type        = string
}

variable "account_id" {
  description = "AWS account whose catalog holds the databases."
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

  validation {
    condition     = can(regex("^(-[a-z0-9]+)*$", var.name_suffix))
    error_message = "name_suffix: expected nothing or an ending such as -dev of small letters and digits (a database has no capitals), found ${var.name_suffix}."
  }
}

variable "data_bucket" {
  description = "Bucket of the lake, whose processed/ the tables describe."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.data_bucket))
    error_message = "data_bucket: expected the name of a bucket, without s3:// and without a path, found ${var.data_bucket}."
  }
}

variable "first_month" {
  description = "First month that Athena looks for, as the folders below processed/<dataset>/ are named."
  type        = string
  default     = "2025-04"

  validation {
    condition     = can(regex("^20[0-9]{2}-(0[1-9]|1[0-2])$", var.first_month))
    error_message = "first_month: expected a month such as 2025-04, found ${var.first_month}."
  }
}
