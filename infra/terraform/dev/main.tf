# One environment. dev and prod are this same file; what differs stands in terraform.tfvars and backend.tf.

provider "aws" {
  region              = var.region
  allowed_account_ids = var.offline ? null : [var.account_id]

  skip_credentials_validation = var.offline
  skip_metadata_api_check     = var.offline
  skip_requesting_account_id  = var.offline

  default_tags {
    tags = {
      project     = "dpc-learning"
      environment = var.environment
    }
  }
}

data "aws_vpc" "default" {
  count = var.vpc_id == null ? 1 : 0

  default = true
}

data "aws_subnets" "default" {
  count = var.vpc_id == null ? 1 : 0

  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.default[0].id]
  }

  # Those that AWS made with the VPC: public, one in each zone. A private one would leave the dbt task without a way out.
  filter {
    name   = "default-for-az"
    values = ["true"]
  }
}

locals {
  generated_dir = "${path.module}/../generated"
  dist_dir      = startswith(var.dist_dir, "/") ? var.dist_dir : "${path.module}/${var.dist_dir}"
  manifest      = jsondecode(file("${local.generated_dir}/manifest.json"))

  vpc_id     = var.vpc_id == null ? data.aws_vpc.default[0].id : var.vpc_id
  subnet_ids = var.vpc_id == null ? sort(data.aws_subnets.default[0].ids) : var.subnet_ids

  # ARNs that AWS builds from names are built here, so that policies can be read in a plan, before anything exists.
  lambda_prefix  = "arn:aws:lambda:${var.region}:${var.account_id}:function:"
  states_prefix  = "arn:aws:states:${var.region}:${var.account_id}:"
  ecs_prefix     = "arn:aws:ecs:${var.region}:${var.account_id}:"
  role_prefix    = "arn:aws:iam::${var.account_id}:role/"
  execution_role = "role-dbt-execution${var.name_suffix}"
  topic_arn      = "arn:aws:sns:${var.region}:${var.account_id}:dpc-learning-notifications-${var.environment}"
  dlq_arn        = "arn:aws:sqs:${var.region}:${var.account_id}:dpc-learning-undelivered-${var.environment}"

  # Values of the manifest's holes. What only exists once the pipeline does (the task definition's revision, its
  # network) is filled there.
  holes = merge(
    { for name, each in local.manifest.functions : each.hole => "${local.lambda_prefix}${name}${var.name_suffix}" },
    { for name, each in local.manifest.machines : each.hole => "${local.states_prefix}stateMachine:${name}${var.name_suffix}" },
    {
      for name, each in local.manifest.machines :
      "executions_${trimprefix(each.hole, "machine_")}" => "${local.states_prefix}execution:${name}${var.name_suffix}:*"
    },
    {
      account_id              = var.account_id
      region                  = var.region
      data_bucket             = module.foundation.data_bucket
      data_bucket_arn         = "arn:aws:s3:::${module.foundation.data_bucket}"
      kms_key_arn             = module.foundation.kms_key_arn
      slack_secret_arn        = module.foundation.slack_secret_arn
      id_key_secret_arn       = module.foundation.id_key_secret_arn
      redshift_workgroup      = module.redshift.workgroup_name
      admin_secret_arn        = module.redshift.admin_secret_arn
      name_suffix             = var.name_suffix
      catalog_database        = module.catalog.warehouse_database_name
      redshift_workgroup_arn  = module.redshift.workgroup_arn
      topic_arn               = local.topic_arn
      dlq_arn                 = local.dlq_arn
      ecs_cluster_arn         = "${local.ecs_prefix}cluster/dpc-learning-dbt-${var.environment}"
      dbt_task_definition_arn = "${local.ecs_prefix}task-definition/dpc-learning-dbt-${var.environment}:*"
      role_container          = "${local.role_prefix}${local.manifest.roles.container.name}${var.name_suffix}"
      role_execution          = "${local.role_prefix}${local.execution_role}"
    },
  )
}

module "foundation" {
  source = "../modules/foundation"

  environment        = var.environment
  region             = var.region
  account_id         = var.account_id
  name_suffix        = var.name_suffix
  upload_cidrs       = var.upload_cidrs
  log_retention_days = var.log_retention_days

  # By name: the bucket lets these roles past its address list, and they are made after it.
  pipeline_role_arns = [
    for name in ["role-lambda-dpc", "role-redshift-copy", "role-dbt-runner"] : "${local.role_prefix}${name}${var.name_suffix}"
  ]

  # Once in an account, made by the bootstrap.
  deploy_role_arns = ["${local.role_prefix}role-deploy-dpc"]
}

module "iam" {
  source = "../modules/iam"

  environment       = var.environment
  region            = var.region
  account_id        = var.account_id
  name_suffix       = var.name_suffix
  generated_dir     = local.generated_dir
  holes             = local.holes
  data_bucket_arn   = local.holes["data_bucket_arn"]
  kms_key_arn       = module.foundation.kms_key_arn
  workgroup_arn     = module.redshift.workgroup_arn
  catalog_database  = module.catalog.warehouse_database_name
  enable_quicksight = var.enable_quicksight
}

module "redshift" {
  source = "../modules/redshift"

  environment        = var.environment
  region             = var.region
  account_id         = var.account_id
  name_suffix        = var.name_suffix
  base_rpu           = var.redshift_base_rpu
  max_rpu            = var.redshift_max_rpu
  monthly_rpu_hours  = var.redshift_monthly_rpu_hours
  kms_key_arn        = module.foundation.kms_key_arn
  copy_role_arn      = module.iam.copy_role_arn
  vpc_id             = local.vpc_id
  subnet_ids         = local.subnet_ids
  topic_arn          = local.topic_arn
  enable_quicksight  = var.enable_quicksight
  quicksight_group   = one(module.quicksight[*].security_group_id)
  log_retention_days = var.log_retention_days
}

module "pipeline" {
  source = "../modules/pipeline"

  environment         = var.environment
  region              = var.region
  account_id          = var.account_id
  name_suffix         = var.name_suffix
  generated_dir       = local.generated_dir
  dist_dir            = local.dist_dir
  bundles_required    = !var.offline
  holes               = local.holes
  role_arns           = module.iam.role_arns
  kms_key_arn         = module.foundation.kms_key_arn
  vpc_id              = local.vpc_id
  subnet_ids          = local.subnet_ids
  dbt_image_digest    = var.dbt_image_digest
  schedule_enabled    = var.schedule_enabled
  schedule_cron       = var.schedule_cron
  schedule_timezone   = var.schedule_timezone
  log_retention_days  = var.log_retention_days
  notification_emails = var.notification_emails

  # Lambda tries a function's queue, Step Functions its logs and Scheduler its key when they are made: with the policies,
  # not with the roles alone.
  depends_on = [module.iam]
}

module "catalog" {
  source = "../modules/catalog"

  environment = var.environment
  region      = var.region
  account_id  = var.account_id
  name_suffix = var.name_suffix
  data_bucket = module.foundation.data_bucket
}

module "operations" {
  source = "../modules/operations"

  environment        = var.environment
  region             = var.region
  account_id         = var.account_id
  name_suffix        = var.name_suffix
  function_names     = module.pipeline.function_names
  machine_arns       = module.pipeline.machine_arns
  log_group_names    = module.pipeline.log_group_names
  dlq_name           = module.pipeline.dlq_name
  topic_arn          = module.pipeline.topic_arn
  workgroup_name     = module.redshift.workgroup_name
  monthly_budget_usd = var.monthly_budget_usd
  schedule_enabled   = var.schedule_enabled

  usage_limit_alarm_names = module.redshift.alarm_names
}

module "quicksight" {
  source = "../modules/quicksight"
  count  = var.enable_quicksight ? 1 : 0

  environment                = var.environment
  region                     = var.region
  account_id                 = var.account_id
  name_suffix                = var.name_suffix
  workgroup_endpoint         = module.redshift.workgroup_endpoint
  role_arn                   = module.iam.role_arns["quicksight"]
  vpc_id                     = local.vpc_id
  subnet_ids                 = local.subnet_ids
  redshift_security_group_id = module.redshift.security_group_id
  columns                    = module.catalog.columns
  kms_key_arn                = module.foundation.kms_key_arn
  principal_arn              = var.quicksight_principal_arn
}
