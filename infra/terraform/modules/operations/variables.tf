variable "environment" {
  description = "Environment, a part of every name that has to be unique in the account."
  type        = string

  validation {
    condition     = contains(["dev", "prod"], var.environment)
    error_message = "environment: expected dev or prod, found ${var.environment}."
  }
}

variable "region" {
  description = "AWS region that is watched."
  type        = string
}

variable "account_id" {
  description = "AWS account whose cost the budget watches."
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

variable "function_names" {
  description = "Names of the Lambda functions in AWS, by their names in the manifest."
  type        = map(string)
}

variable "machine_arns" {
  description = "ARNs of the state machines, by their names in the manifest."
  type        = map(string)
}

variable "log_group_names" {
  description = "Log groups by what writes to them, in the manifest's names."
  type        = map(string)

  validation {
    condition     = contains(keys(var.log_group_names), var.copy_function)
    error_message = "log_group_names: expected the group of ${var.copy_function}, whose failed loads are counted, found ${join(", ", keys(var.log_group_names))}."
  }
}

variable "parent_machine" {
  description = "The machine that the schedule starts, by its name in the manifest."
  type        = string
  default     = "dpc-learning-schedule"

  validation {
    condition     = contains(keys(var.machine_arns), var.parent_machine)
    error_message = "parent_machine: expected one of ${join(", ", keys(var.machine_arns))}, found ${var.parent_machine}."
  }
}

variable "copy_function" {
  description = "The function that loads the raw tables, by its name in the manifest."
  type        = string
  default     = "dpc-copy-raw"
}

variable "schedule_enabled" {
  description = "Whether the daily schedule is on. Where it is off, no run is overdue and there is no alarm for it."
  type        = bool
  default     = true
}

variable "workgroup_name" {
  description = "Workgroup of the warehouse."
  type        = string
}

variable "usage_limit_alarm_names" {
  description = "Alarms of the warehouse's usage limits, which are made beside the limits; the dashboard shows them too."
  type        = list(string)
  default     = []
}

variable "dlq_name" {
  description = "Name of the queue of what could not be delivered."
  type        = string
}

variable "topic_arn" {
  description = "Topic that alarms and the budget tell. It is under the project's key, whose policy has to let cloudwatch.amazonaws.com and budgets.amazonaws.com use it: without, messages vanish and nothing says so."
  type        = string

  validation {
    condition     = can(regex("^arn:aws:sns:[a-z0-9-]+:[0-9]{12}:[A-Za-z0-9_-]+$", var.topic_arn))
    error_message = "topic_arn: expected the ARN of an SNS topic, found ${var.topic_arn}."
  }
}

variable "monthly_budget_usd" {
  description = "What the account may cost in a month, in US dollars; people are told at 80 % and at 100 %."
  type        = number

  validation {
    condition     = var.monthly_budget_usd >= 1
    error_message = "monthly_budget_usd: expected 1 US dollar at least, found ${var.monthly_budget_usd}."
  }
}

variable "runbook" {
  description = "Where the runbook is read, for the descriptions of alarms: a path in the repository or an address."
  type        = string
  default     = "docs/runbook.md"

  validation {
    condition     = can(regex("runbook(\\.ja)?\\.md$", var.runbook))
    error_message = "runbook: expected a path or an address that ends in runbook.md or runbook.ja.md, whose headings the alarms name, found ${var.runbook}."
  }
}
