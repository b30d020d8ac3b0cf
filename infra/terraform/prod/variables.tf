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
  default     = "ap-northeast-1"

  validation {
    condition     = can(regex("^[a-z]{2}-[a-z]+-[0-9]$", var.region))
    error_message = "region: expected the name of a region of the partition aws, such as ap-northeast-1, found ${var.region}."
  }
}

variable "account_id" {
  description = "AWS account of the deployment. Credentials of any other account are refused."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id: expected 12 digits, found ${var.account_id}. `aws sts get-caller-identity` prints it."
  }
}

variable "name_suffix" {
  description = "Ending of the fixed names (roles, key alias, functions, machines) where two environments share an account, such as -dev."
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^(-[a-z0-9]{1,12})?$", var.name_suffix))
    error_message = "name_suffix: expected nothing, or a hyphen and at most 12 small letters and digits, such as -dev; found ${var.name_suffix}."
  }
}

variable "upload_cidrs" {
  description = "Address ranges that people upload from and download to. The pipeline's own roles and the services are not bound to them."
  type        = list(string)

  validation {
    condition     = length(var.upload_cidrs) > 0
    error_message = "upload_cidrs: expected at least one address range, such as 203.0.113.0/24, found none: nobody could upload."
  }
  validation {
    condition     = alltrue([for cidr in var.upload_cidrs : can(cidrhost(cidr, 0))])
    error_message = "upload_cidrs: expected address ranges such as 203.0.113.0/24, found ${join(", ", var.upload_cidrs)}."
  }
  validation {
    condition     = alltrue([for cidr in var.upload_cidrs : try(tonumber(split("/", cidr)[1]) >= 8, true)])
    error_message = "upload_cidrs: expected the ranges of the hospitals' and the operators' networks, /8 or narrower, found ${join(", ", var.upload_cidrs)}. 0.0.0.0/0 and ::/0 are the whole internet."
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

variable "redshift_base_rpu" {
  description = "Capacity that the warehouse starts with, in Redshift processing units."
  type        = number
  default     = 8

  validation {
    condition     = var.redshift_base_rpu >= 8 && var.redshift_base_rpu <= 512 && var.redshift_base_rpu % 8 == 0
    error_message = "redshift_base_rpu: expected a multiple of 8 from 8 to 512, found ${var.redshift_base_rpu}."
  }
}

variable "redshift_max_rpu" {
  description = "Capacity that the warehouse may grow to."
  type        = number
  default     = 16

  validation {
    condition     = var.redshift_max_rpu >= var.redshift_base_rpu && var.redshift_max_rpu <= 512 && var.redshift_max_rpu % 8 == 0
    error_message = "redshift_max_rpu: expected a multiple of 8 from redshift_base_rpu (${var.redshift_base_rpu}) to 512, found ${var.redshift_max_rpu}."
  }
}

variable "redshift_monthly_rpu_hours" {
  description = "Compute that the warehouse may use in a month, in RPU hours: a warning at 80 %, then it stops."
  type        = number
  default     = 60

  validation {
    condition     = var.redshift_monthly_rpu_hours >= 1 && floor(var.redshift_monthly_rpu_hours) == var.redshift_monthly_rpu_hours
    error_message = "redshift_monthly_rpu_hours: expected a whole number from 1, found ${var.redshift_monthly_rpu_hours}."
  }
}

variable "schedule_enabled" {
  description = "Whether the daily schedule starts the pipeline."
  type        = bool
}

variable "schedule_cron" {
  description = "When the pipeline starts, in the six fields of EventBridge, once a day; null is what the assets say (03:00)."
  type        = string
  default     = null

  validation {
    condition     = var.schedule_cron == null || can(regex("^cron\\(([0-9]|[1-5][0-9]) ([0-9]|1[0-9]|2[0-3]) (\\* \\* \\?|\\? \\* \\*) \\*\\)$", var.schedule_cron))
    error_message = "schedule_cron: expected six fields that mean once a day, such as cron(0 3 * * ? *), found ${coalesce(var.schedule_cron, "null")}."
  }
}

variable "schedule_timezone" {
  description = "IANA name of the schedule's time zone; null is what the assets say (Asia/Tokyo)."
  type        = string
  default     = null

  validation {
    condition     = var.schedule_timezone == null || contains(split("\n", file("${path.module}/../modules/pipeline/timezones.txt")), coalesce(var.schedule_timezone, "null"))
    error_message = "schedule_timezone: expected an IANA time zone such as Asia/Tokyo (modules/pipeline/timezones.txt lists them), found ${coalesce(var.schedule_timezone, "null")}."
  }
}

variable "log_retention_days" {
  description = "Days that log groups keep their events."
  type        = number
  default     = 400

  validation {
    condition     = contains([365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653], var.log_retention_days)
    error_message = "log_retention_days: expected one of CloudWatch's values from a year on (365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653), found ${var.log_retention_days}."
  }
}

variable "monthly_budget_usd" {
  description = "What the environment may cost in a month before people are told."
  type        = number
  default     = 50

  validation {
    condition     = var.monthly_budget_usd > 0
    error_message = "monthly_budget_usd: expected more than 0, found ${var.monthly_budget_usd}."
  }
}

variable "enable_quicksight" {
  description = "Whether QuickSight reads the marts. It wants a QuickSight account and opens the warehouse to its connection, and to nothing else."
  type        = bool
  default     = false
}

variable "dist_dir" {
  description = "Folder with the zips that dpc-compile writes, below this folder or absolute."
  type        = string
  default     = "../../../build/dist"
}

variable "dbt_image_digest" {
  description = "Digest of the dbt image in this environment's repository, sha256:<64 hex digits>; null until one has been pushed."
  type        = string
  default     = null

  validation {
    condition     = var.dbt_image_digest == null || can(regex("^sha256:[0-9a-f]{64}$", var.dbt_image_digest))
    error_message = "dbt_image_digest: expected sha256: and 64 hex digits, found ${coalesce(var.dbt_image_digest, "null")}. A tag will not do; `docker push` prints the digest."
  }
}

variable "vpc_id" {
  description = "VPC of the warehouse and the dbt task; null is the default VPC of the region."
  type        = string
  default     = null

  validation {
    condition     = var.vpc_id == null || can(regex("^vpc-[0-9a-f]{8,17}$", var.vpc_id))
    error_message = "vpc_id: expected an id such as vpc-0123456789abcdef0, found ${coalesce(var.vpc_id, "null")}."
  }
  validation {
    condition     = var.vpc_id != null || !var.offline
    error_message = "vpc_id: expected an id where offline is true, found null: the default VPC can only be read from AWS."
  }
}

variable "subnet_ids" {
  description = "Public subnets of vpc_id, in two availability zones at least; empty are those of the default VPC."
  type        = list(string)
  default     = []

  validation {
    condition     = alltrue([for id in var.subnet_ids : can(regex("^subnet-[0-9a-f]{8,17}$", id))])
    error_message = "subnet_ids: expected ids such as subnet-0123456789abcdef0, found ${join(", ", var.subnet_ids)}."
  }
  validation {
    condition     = (var.vpc_id == null) == (length(var.subnet_ids) == 0)
    error_message = "subnet_ids: expected subnets where vpc_id is given and none where it is not, found vpc_id ${coalesce(var.vpc_id, "null")} and ${length(var.subnet_ids)} subnets."
  }
}

variable "offline" {
  description = "Plans without AWS: made-up credentials will do, nothing is asked of AWS, and zips may be missing. For checks and reviews; never apply such a plan."
  type        = bool
  default     = false
}

variable "quicksight_principal_arn" {
  description = "User or group of QuickSight that the data sets are shared with; null shares them with nobody."
  type        = string
  default     = null

  validation {
    condition     = var.quicksight_principal_arn == null || can(regex("^arn:aws:quicksight:[a-z0-9-]+:[0-9]{12}:(user|group)/", var.quicksight_principal_arn))
    error_message = "quicksight_principal_arn: expected the ARN of a QuickSight user or group (arn:aws:quicksight:REGION:ACCOUNT:group/default/NAME), found ${coalesce(var.quicksight_principal_arn, "nothing")}."
  }
}
