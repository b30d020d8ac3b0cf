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
  description = "Ending of the fixed names (functions, machines) where two environments share an account, such as -dev."
  type        = string
  default     = ""
}

variable "generated_dir" {
  description = "Folder with the manifest and the state machines that dpc-compile writes."
  type        = string

  validation {
    condition     = fileexists("${var.generated_dir}/manifest.json")
    error_message = "generated_dir: expected manifest.json in ${var.generated_dir}, found none. Run `make compile`."
  }
}

variable "dist_dir" {
  description = "Folder with the zips that dpc-compile writes."
  type        = string
}

variable "bundles_required" {
  description = "Whether the zips have to be in dist_dir. false is for a plan without them, which can be read and not be applied; a zip that is there is compared with the manifest all the same."
  type        = bool
  default     = true
}

variable "holes" {
  description = "Values of the manifest's holes, by name: ARNs and names that are known before this module's resources are. The machines' holes for the cluster, the task definition, the network and the functions are filled here."
  type        = map(string)

  validation {
    condition     = alltrue([for name in ["data_bucket", "redshift_workgroup"] : contains(keys(var.holes), name)])
    error_message = "holes: expected data_bucket and redshift_workgroup among them, found ${join(", ", keys(var.holes))}."
  }
}

variable "role_arns" {
  description = "ARNs of the roles: lambda, machine, container, execution, scheduler."
  type        = map(string)

  validation {
    condition     = alltrue([for name in ["lambda", "machine", "container", "execution", "scheduler"] : contains(keys(var.role_arns), name)])
    error_message = "role_arns: expected lambda, machine, container, execution and scheduler, found ${join(", ", keys(var.role_arns))}."
  }
}

variable "kms_key_arn" {
  description = "Key that encrypts environments, logs, images, queues, topics, machines and the task's storage."
  type        = string
}

variable "vpc_id" {
  description = "VPC that the dbt task runs in."
  type        = string
}

variable "subnet_ids" {
  description = "Public subnets that the dbt task runs in: it gets a public address, and there is no NAT."
  type        = list(string)

  validation {
    condition     = length(var.subnet_ids) > 0
    error_message = "subnet_ids: expected one subnet at least, found none."
  }
}

variable "database" {
  description = "Database of the warehouse, for the dbt task."
  type        = string
  default     = "dpc"
}

variable "dbt_image_digest" {
  description = "Digest of the dbt image in this module's repository; null until one has been pushed."
  type        = string
  default     = null

  validation {
    condition     = var.dbt_image_digest == null || can(regex("^sha256:[0-9a-f]{64}$", var.dbt_image_digest))
    error_message = "dbt_image_digest: expected sha256: and 64 hex digits, found ${coalesce(var.dbt_image_digest, "null")}. A tag will not do; `docker push` prints the digest."
  }
}

variable "dbt_user" {
  description = "User and group of the dbt task, as the image creates them."
  type        = string
  default     = "10001:10001"

  validation {
    condition     = can(regex("^[1-9][0-9]*:[1-9][0-9]*$", var.dbt_user))
    error_message = "dbt_user: expected numbers of a user and a group other than root, such as 10001:10001; found ${var.dbt_user}."
  }
}

variable "dbt_cpu" {
  description = "CPU units of the dbt task (1024 are one vCPU)."
  type        = number
  default     = 1024

  validation {
    condition     = contains([256, 512, 1024, 2048, 4096], var.dbt_cpu)
    error_message = "dbt_cpu: expected 256, 512, 1024, 2048 or 4096, found ${var.dbt_cpu}."
  }
}

variable "dbt_memory" {
  description = "Memory of the dbt task in MiB. dbt only sends SQL; the warehouse does the work."
  type        = number
  default     = 2048

  validation {
    condition     = var.dbt_memory % 1024 == 0 && var.dbt_memory >= 2 * var.dbt_cpu && var.dbt_memory <= min(8 * var.dbt_cpu, 30720)
    error_message = "dbt_memory: expected a multiple of 1024 between 2 and 8 times dbt_cpu (${var.dbt_cpu}), at most 30720, found ${var.dbt_memory}."
  }
}

variable "schedule_enabled" {
  description = "Whether the daily schedule starts the parent machine."
  type        = bool
}

variable "schedule_cron" {
  description = "When the parent machine starts, in the six fields of EventBridge, once a day; null is what the manifest says."
  type        = string
  default     = null

  validation {
    condition     = var.schedule_cron == null || can(regex("^cron\\(([0-9]|[1-5][0-9]) ([0-9]|1[0-9]|2[0-3]) (\\* \\* \\?|\\? \\* \\*) \\*\\)$", var.schedule_cron))
    error_message = "schedule_cron: expected six fields that mean once a day, such as cron(0 3 * * ? *), found ${coalesce(var.schedule_cron, "null")}."
  }
}

variable "schedule_timezone" {
  description = "IANA name of the schedule's time zone; null is what the manifest says."
  type        = string
  default     = null

  validation {
    condition     = var.schedule_timezone == null || contains(split("\n", file("${path.module}/timezones.txt")), coalesce(var.schedule_timezone, "null"))
    error_message = "schedule_timezone: expected an IANA time zone such as Asia/Tokyo (timezones.txt of modules/pipeline lists them), found ${coalesce(var.schedule_timezone, "null")}."
  }
}

variable "log_retention_days" {
  description = "Days that log groups keep their events."
  type        = number

  validation {
    condition     = contains([365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days: expected one of CloudWatch's values from a year on (365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653), found ${var.log_retention_days}."
  }
}

variable "notification_emails" {
  description = "Addresses that alarms and news of runs are mailed to; each has to confirm once."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for email in var.notification_emails : can(regex("^[^@[:space:]]+@[^@[:space:]]+\\.[^@[:space:]]+$", email))])
    error_message = "notification_emails: expected addresses such as dpc@example.org, found ${join(", ", var.notification_emails)}."
  }
}
