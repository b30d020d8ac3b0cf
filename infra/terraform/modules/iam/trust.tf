# Who may take a role. A service is bound to this account and, where it says for what it asks, to our own resources: it
# must not be talked into using the role by somebody else's (the confused deputy).
locals {
  descriptions = {
    lambda    = "Steps of the DPC pipeline"
    machine   = "State machines of the DPC pipeline"
    container = "dbt of the DPC pipeline"
    scheduler = "Daily start of the DPC pipeline"
    execution = "ECS: pulls the image of dbt and writes its logs"
    analyst   = "People who query the marts and read what is exported"
  }

  trust = {
    # Lambda names no function when it takes a role, so the account is all that can be asked for. Which functions of the
    # account have it is decided by who may pass it.
    lambda = jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Effect    = "Allow"
        Principal = { Service = "lambda.amazonaws.com" }
        Action    = "sts:AssumeRole"
        Condition = { StringEquals = { "aws:SourceAccount" = var.account_id } }
      }]
    })

    machine = jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Effect    = "Allow"
        Principal = { Service = "states.amazonaws.com" }
        Action    = "sts:AssumeRole"
        Condition = {
          StringEquals = { "aws:SourceAccount" = var.account_id }
          ArnEquals    = { "aws:SourceArn" = local.machine_arns }
        }
      }]
    })

    container = local.tasks_trust
    execution = local.tasks_trust

    # Scheduler names the group of a schedule, never the schedule.
    scheduler = jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Effect    = "Allow"
        Principal = { Service = "scheduler.amazonaws.com" }
        Action    = "sts:AssumeRole"
        Condition = {
          StringEquals = { "aws:SourceAccount" = var.account_id }
          ArnEquals    = { "aws:SourceArn" = "arn:aws:scheduler:${var.region}:${var.account_id}:schedule-group/default" }
        }
      }]
    })

    # Nobody named: whoever in this account is allowed sts:AssumeRole on it by a policy of their own.
    analyst = jsonencode({
      Version = "2012-10-17"
      Statement = [{
        Effect    = "Allow"
        Principal = { AWS = coalescelist(sort(var.analyst_principal_arns), ["arn:aws:iam::${var.account_id}:root"]) }
        Action    = "sts:AssumeRole"
        Condition = { Bool = { "aws:MultiFactorAuthPresent" = "true" } }
      }]
    })
  }

  # Tasks have no ARN before they run: ECS asks for any task of the account in the region.
  tasks_trust = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "ecs-tasks.amazonaws.com" }
      Action    = "sts:AssumeRole"
      Condition = {
        StringEquals = { "aws:SourceAccount" = var.account_id }
        ArnLike      = { "aws:SourceArn" = "arn:aws:ecs:${var.region}:${var.account_id}:*" }
      }
    }]
  })

  # Serverless takes roles under both names. The workgroup's ARN holds an id that AWS makes, and the namespace, which
  # names this role, is made before it.
  copy_trust = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = ["redshift-serverless.amazonaws.com", "redshift.amazonaws.com"] }
      Action    = "sts:AssumeRole"
      Condition = {
        StringEquals = { "aws:SourceAccount" = var.account_id }
        ArnLike = {
          "aws:SourceArn" = [
            "arn:aws:redshift-serverless:${var.region}:${var.account_id}:*",
            "arn:aws:redshift:${var.region}:${var.account_id}:*",
          ]
        }
      }
    }]
  })

  # QuickSight does not say for whom it takes a role: a condition would lock it out. It is given the role by who may
  # pass it, and that is this account.
  quicksight_trust = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "quicksight.amazonaws.com" }
      Action    = "sts:AssumeRole"
    }]
  })
}
