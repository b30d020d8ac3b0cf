# The one key. The policy stands in the key itself, so that it holds as soon as the key's ARN is known to anybody.
# Every service that acts by itself has a statement of its own: without it its messages vanish without an error.
locals {
  key_account = { StringEquals = { "aws:SourceAccount" = var.account_id } }

  # Services that write to the topic or the queue, each with where it speaks from.
  key_publishers = {
    events     = { service = "events.amazonaws.com", source = "arn:aws:events:${var.region}:${var.account_id}:rule/dpc-learning-*" }
    cloudwatch = { service = "cloudwatch.amazonaws.com", source = "arn:aws:cloudwatch:${var.region}:${var.account_id}:alarm:*" }
    budgets    = { service = "budgets.amazonaws.com", source = "arn:aws:budgets::${var.account_id}:*" }
    scheduler  = { service = "scheduler.amazonaws.com", source = "arn:aws:scheduler:${var.region}:${var.account_id}:schedule/default/dpc-learning-*" }
  }

  log_groups = [
    "/aws/cloudtrail/dpc-learning-*",
    "/aws/ecs/containerinsights/dpc-learning-*",
    "/aws/lambda/dpc-*",
    "/aws/redshift/dpc-learning-*",
    "/aws/vendedlogs/states/dpc-learning-*",
    "/ecs/dpc-learning-*",
  ]

  key_policy = {
    Version = "2012-10-17"
    Statement = concat(
      [
        {
          # Without it nobody could ever change the key again; who may do what is then said by the roles' policies.
          Sid       = "AccountByItsPolicies"
          Effect    = "Allow"
          Principal = { AWS = "arn:aws:iam::${var.account_id}:root" }
          Action    = "kms:*"
          Resource  = "*"
        },
        {
          Sid       = "LogGroups"
          Effect    = "Allow"
          Principal = { Service = "logs.${var.region}.amazonaws.com" }
          Action    = ["kms:Decrypt", "kms:Encrypt", "kms:GenerateDataKey*", "kms:ReEncrypt*"]
          Resource  = "*"
          Condition = {
            ArnLike = {
              "kms:EncryptionContext:aws:logs:arn" = [
                for each in local.log_groups : "arn:aws:logs:${var.region}:${var.account_id}:log-group:${each}"
              ]
            }
          }
        },
        {
          # The machines' logs come through log delivery, which reads them under the key before it writes the group.
          Sid       = "LogDelivery"
          Effect    = "Allow"
          Principal = { Service = "delivery.logs.amazonaws.com" }
          Action    = "kms:Decrypt"
          Resource  = "*"
          Condition = merge(local.key_account, {
            ArnLike = { "aws:SourceArn" = "arn:aws:logs:${var.region}:${var.account_id}:*" }
          })
        },
      ],
      [
        for name, each in local.key_publishers : {
          Sid       = "Publishes${title(name)}"
          Effect    = "Allow"
          Principal = { Service = each.service }
          Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
          Resource  = "*"
          Condition = merge(local.key_account, { ArnLike = { "aws:SourceArn" = each.source } })
        }
      ],
      [
        {
          Sid       = "Trail"
          Effect    = "Allow"
          Principal = { Service = "cloudtrail.amazonaws.com" }
          Action    = "kms:GenerateDataKey*"
          Resource  = "*"
          Condition = {
            StringEquals = { "aws:SourceArn" = local.trail_names }
            StringLike   = { "kms:EncryptionContext:aws:cloudtrail:arn" = "arn:aws:cloudtrail:*:${var.account_id}:trail/*" }
          }
        },
        {
          Sid       = "TrailLooksAtTheKey"
          Effect    = "Allow"
          Principal = { Service = "cloudtrail.amazonaws.com" }
          Action    = "kms:DescribeKey"
          Resource  = "*"
          Condition = { StringEquals = { "aws:SourceArn" = local.trail_names } }
        },
        {
          # The dbt task's own disk.
          Sid       = "TaskStorageKeys"
          Effect    = "Allow"
          Principal = { Service = "fargate.amazonaws.com" }
          Action    = "kms:GenerateDataKeyWithoutPlaintext"
          Resource  = "*"
          Condition = { StringEquals = local.task_storage }
        },
        {
          Sid       = "TaskStorageGrants"
          Effect    = "Allow"
          Principal = { Service = "fargate.amazonaws.com" }
          Action    = "kms:CreateGrant"
          Resource  = "*"
          Condition = {
            StringEquals                = local.task_storage
            "ForAllValues:StringEquals" = { "kms:GrantOperations" = ["Decrypt"] }
          }
        },
      ],
    )
  }

  task_storage = {
    "kms:EncryptionContext:aws:ecs:clusterAccount" = var.account_id
    "kms:EncryptionContext:aws:ecs:clusterName"    = "dpc-learning-dbt-${var.environment}"
  }
}

resource "aws_kms_key" "this" {
  description             = "Everything of the DPC learning platform, ${var.environment}"
  enable_key_rotation     = true
  deletion_window_in_days = 30
  policy                  = jsonencode(local.key_policy)
}

resource "aws_kms_alias" "this" {
  name          = "alias/dpc-learning-kms${var.name_suffix}"
  target_key_id = aws_kms_key.this.key_id
}
