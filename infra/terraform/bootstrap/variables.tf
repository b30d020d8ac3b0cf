variable "account_id" {
  description = "AWS account. Credentials of any other account are refused."
  type        = string

  validation {
    condition     = can(regex("^[0-9]{12}$", var.account_id))
    error_message = "account_id: expected 12 digits, found ${var.account_id}. `aws sts get-caller-identity` prints it."
  }
}

variable "region" {
  description = "AWS region of the state and of the deployment."
  type        = string
  default     = "ap-northeast-1"

  validation {
    condition     = can(regex("^[a-z]{2}-[a-z]+-[0-9]$", var.region))
    error_message = "region: expected the name of a region of the partition aws, such as ap-northeast-1, found ${var.region}."
  }
}

variable "state_bucket" {
  description = "Name of the bucket that holds the roots' states. Bucket names are unique over all of AWS: where it is taken, give another and pass it to `terraform init -backend-config=bucket=NAME` of the roots."
  type        = string
  default     = "dpc-learning-tfstate"

  validation {
    condition     = can(regex("^dpc-learning-tfstate(-[a-z0-9-]{1,40})?$", var.state_bucket))
    error_message = "state_bucket: expected dpc-learning-tfstate, with an ending of your own where that is taken (dpc-learning-tfstate-example), found ${var.state_bucket}."
  }
}

variable "github_repository" {
  description = "Repository whose workflows plan and deploy, as owner/name; null makes no role for workflows."
  type        = string
  default     = null

  validation {
    condition     = var.github_repository == null || can(regex("^[A-Za-z0-9][A-Za-z0-9-]*/[A-Za-z0-9._-]+$", var.github_repository))
    error_message = "github_repository: expected owner/name, found ${coalesce(var.github_repository, "nothing")}."
  }
}

variable "environments" {
  description = "Environments that are deployed into this account, which are also the names of GitHub's environments."
  type        = list(string)
  default     = ["dev", "prod"]

  validation {
    condition     = length(var.environments) > 0 && length(setsubtract(var.environments, ["dev", "prod"])) == 0
    error_message = "environments: expected dev, prod or both, found ${jsonencode(var.environments)}."
  }
}
