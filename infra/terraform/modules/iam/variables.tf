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
  description = "Ending of the roles' names where two environments share an account, such as -dev."
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^(-[a-z0-9]{1,12})?$", var.name_suffix))
    error_message = "name_suffix: expected nothing, or a hyphen and at most 12 small letters and digits, such as -dev; found ${var.name_suffix}."
  }
}

variable "generated_dir" {
  description = "Folder with the manifest that dpc-compile writes."
  type        = string

  validation {
    condition     = fileexists("${var.generated_dir}/manifest.json")
    error_message = "generated_dir: expected manifest.json in ${var.generated_dir}, found none. Run `make compile`."
  }
}

variable "holes" {
  description = "Values of the holes in the manifest's policies, by name, and dlq_arn: the queue that keeps what could not be delivered. ARNs that AWS builds from names are built from names."
  type        = map(string)

  validation {
    condition = length(setsubtract(
      concat(["dlq_arn"], flatten(regexall("\\$\\{([a-z0-9_]+)\\}", jsonencode([
        for role in values(jsondecode(file("${var.generated_dir}/manifest.json")).roles) : role.policy
      ])))),
      keys(var.holes),
    )) == 0
    error_message = "holes: expected a value for every hole of the manifest's policies and for dlq_arn, found none for ${join(", ", setsubtract(
      concat(["dlq_arn"], flatten(regexall("\\$\\{([a-z0-9_]+)\\}", jsonencode([
        for role in values(jsondecode(file("${var.generated_dir}/manifest.json")).roles) : role.policy
      ])))),
      keys(var.holes),
    ))}. Add them where the root makes its map of holes."
  }
}

variable "data_bucket_arn" {
  description = "Bucket of the lake."
  type        = string

  validation {
    condition     = can(regex("^arn:aws:s3:::[a-z0-9.-]{3,63}$", var.data_bucket_arn))
    error_message = "data_bucket_arn: expected the ARN of a bucket without a path, such as arn:aws:s3:::dpc-learning-data-dev, found ${var.data_bucket_arn}."
  }
}

variable "kms_key_arn" {
  description = "Key of the lake, the queue, the schedule and the machines."
  type        = string

  validation {
    condition     = can(regex("^arn:aws:kms:[a-z0-9-]+:[0-9]{12}:key/[A-Za-z0-9-]+$", var.kms_key_arn))
    error_message = "kms_key_arn: expected the ARN of a key (arn:aws:kms:REGION:ACCOUNT:key/ID), found ${var.kms_key_arn}. A policy that names an alias allows nothing."
  }
}

variable "workgroup_arn" {
  description = "Workgroup of the warehouse. AWS makes the id in it."
  type        = string

  validation {
    condition     = can(regex("^arn:aws:redshift-serverless:[a-z0-9-]+:[0-9]{12}:workgroup/[A-Za-z0-9-]+$", var.workgroup_arn))
    error_message = "workgroup_arn: expected the ARN of a workgroup (arn:aws:redshift-serverless:REGION:ACCOUNT:workgroup/ID), found ${var.workgroup_arn}."
  }
}

variable "catalog_database" {
  description = "Glue database that the external schema reads: the one whose tables have no partitions, because Redshift knows no projected ones."
  type        = string

  validation {
    condition     = can(regex("^[a-z0-9_]{1,255}$", var.catalog_database))
    error_message = "catalog_database: expected the name of a Glue database (small letters, digits, underscores), found ${var.catalog_database}."
  }
}

variable "analyst_principal_arns" {
  description = "Users and roles that may take the analyst's role, each with MFA. Empty: whoever in this account is allowed to by a policy of their own, with MFA as well."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for arn in var.analyst_principal_arns : can(regex("^arn:aws:iam::[0-9]{12}:(user|role)/[A-Za-z0-9+=,.@_/-]+$", arn))])
    error_message = "analyst_principal_arns: expected ARNs of users or roles (arn:aws:iam::ACCOUNT:role/NAME) without a wildcard, found ${join(", ", var.analyst_principal_arns)}."
  }
}

variable "enable_quicksight" {
  description = "Whether there is a role for QuickSight."
  type        = bool
  default     = false
}
