# Stands in for the root: fills the manifest's holes with names and ARNs of the examples.

variable "generated_dir" {
  description = "Folder with the manifest."
  type        = string
}

variable "name_suffix" {
  description = "Ending of the fixed names."
  type        = string
  default     = ""
}

locals {
  manifest = jsondecode(file("${var.generated_dir}/manifest.json"))
  region   = "ap-northeast-1"
  account  = "123456789012"
}

output "holes" {
  description = "Values of the holes, by name."
  value = merge(
    { for name, each in local.manifest.functions : each.hole => "arn:aws:lambda:${local.region}:${local.account}:function:${name}${var.name_suffix}" },
    { for name, each in local.manifest.machines : each.hole => "arn:aws:states:${local.region}:${local.account}:stateMachine:${name}${var.name_suffix}" },
    {
      for name, each in local.manifest.machines :
      "executions_${trimprefix(each.hole, "machine_")}" => "arn:aws:states:${local.region}:${local.account}:execution:${name}${var.name_suffix}:*"
    },
    {
      region                  = local.region
      account_id              = local.account
      data_bucket             = "dpc-learning-data-dev"
      data_bucket_arn         = "arn:aws:s3:::dpc-learning-data-dev"
      kms_key_arn             = "arn:aws:kms:ap-northeast-1:123456789012:key/00000000-0000-4000-8000-000000000000"
      slack_secret_arn        = "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:dpc-learning-slack-dev-AbCdEf"
      id_key_secret_arn       = "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:dpc-learning-id-key-dev-AbCdEf"
      redshift_workgroup      = "dpc-learning-dev"
      admin_secret_arn        = "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:redshift!dpc-learning-dev-admin-AbCdEf"
      catalog_database        = "dpc_learning_dev_warehouse"
      name_suffix             = var.name_suffix
      redshift_workgroup_arn  = "arn:aws:redshift-serverless:ap-northeast-1:123456789012:workgroup/00000000-0000-4000-8000-6f5e4d3c2b1a"
      topic_arn               = "arn:aws:sns:ap-northeast-1:123456789012:dpc-learning-notifications-dev"
      dlq_arn                 = "arn:aws:sqs:ap-northeast-1:123456789012:dpc-learning-undelivered-dev"
      ecs_cluster_arn         = "arn:aws:ecs:ap-northeast-1:123456789012:cluster/dpc-learning-dbt-dev"
      dbt_task_definition_arn = "arn:aws:ecs:ap-northeast-1:123456789012:task-definition/dpc-learning-dbt-dev:*"
      role_container          = "arn:aws:iam::123456789012:role/role-dbt-runner${var.name_suffix}"
      role_execution          = "arn:aws:iam::123456789012:role/role-dbt-execution${var.name_suffix}"
    },
  )
}

output "functions" {
  description = "Names of the functions."
  value       = sort(keys(local.manifest.functions))
}
