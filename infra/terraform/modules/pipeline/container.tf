resource "aws_ecr_repository" "dbt" {
  name                 = local.dbt
  image_tag_mutability = "IMMUTABLE"

  image_scanning_configuration {
    scan_on_push = true
  }

  encryption_configuration {
    encryption_type = "KMS"
    kms_key         = var.kms_key_arn
  }
}

resource "aws_ecr_lifecycle_policy" "dbt" {
  repository = aws_ecr_repository.dbt.name

  policy = jsonencode({
    rules = [
      {
        rulePriority = 1
        description  = "What no tag names is left over from a push that failed"
        selection    = { tagStatus = "untagged", countType = "sinceImagePushed", countUnit = "days", countNumber = 14 }
        action       = { type = "expire" }
      },
      {
        rulePriority = 2
        description  = "Enough of the past to go back to"
        selection    = { tagStatus = "tagged", tagPatternList = ["*"], countType = "imageCountMoreThan", countNumber = 50 }
        action       = { type = "expire" }
      },
    ]
  })
}

resource "aws_cloudwatch_log_group" "dbt" {
  name              = "/ecs/${local.dbt}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

# Container Insights makes this group itself where it is missing: one that nothing encrypts and nothing expires.
resource "aws_cloudwatch_log_group" "insights" {
  name              = "/aws/ecs/containerinsights/${local.dbt}/performance"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

resource "aws_ecs_cluster" "this" {
  name = local.dbt

  # Paid by the metric and hour: a task of some minutes a day costs cents, and its memory is what one asks about first.
  setting {
    name  = "containerInsights"
    value = "enabled"
  }

  configuration {
    managed_storage_configuration {
      fargate_ephemeral_storage_kms_key_id = var.kms_key_arn
    }
  }

  depends_on = [aws_cloudwatch_log_group.insights]
}

resource "aws_ecs_task_definition" "dbt" {
  family                   = local.dbt
  requires_compatibilities = ["FARGATE"]
  network_mode             = "awsvpc"
  cpu                      = var.dbt_cpu
  memory                   = var.dbt_memory
  task_role_arn            = var.role_arns["container"]
  execution_role_arn       = var.role_arns["execution"]

  # The image is built by a workflow on x86-64, of the wheels that the lock file names.
  runtime_platform {
    operating_system_family = "LINUX"
    cpu_architecture        = "X86_64"
  }

  # The only place that can be written to; it goes with the task.
  volume {
    name = "work"
  }

  container_definitions = jsonencode([{
    name                   = local.container
    image                  = "${aws_ecr_repository.dbt.repository_url}${var.dbt_image_digest == null ? ":none" : "@${coalesce(var.dbt_image_digest, "none")}"}"
    essential              = true
    user                   = var.dbt_user
    privileged             = false
    readonlyRootFilesystem = true
    stopTimeout            = 120 # the longest that Fargate gives, to cancel what still runs in the warehouse

    linuxParameters = {
      initProcessEnabled = true
      capabilities       = { drop = ["ALL"] }
    }

    mountPoints = [{ sourceVolume = "work", containerPath = local.workspace, readOnly = false }]

    environment = [
      for name, value in merge(local.container_env, {
        AWS_REGION     = var.region
        DPC_DATABASE   = var.database
        DPC_DBT_TARGET = var.environment
        DPC_LAKE       = "s3://${var.holes["data_bucket"]}"
        DPC_WORKGROUP  = var.holes["redshift_workgroup"]
      }) : { name = name, value = value }
    ]

    logConfiguration = {
      logDriver = "awslogs"
      options = {
        "awslogs-group"         = aws_cloudwatch_log_group.dbt.name
        "awslogs-region"        = var.region
        "awslogs-stream-prefix" = "run"
      }
    }
  }])
}

check "dbt_image" {
  assert {
    condition     = var.dbt_image_digest != null
    error_message = "dbt_image_digest is null: the dbt task names an image that does not exist and every run stops at dbt. Build and push infra/image to the repository ${local.dbt} (the deploy workflow does both), then set dbt_image_digest to the digest that the push prints, sha256:<64 hex digits>."
  }
}

resource "aws_security_group" "dbt" {
  #checkov:skip=CKV2_AWS_5:It is attached by the state machine, which names it in each RunTask
  name        = local.dbt
  description = "The dbt task: nothing comes in; HTTPS to the AWS APIs goes out"
  vpc_id      = var.vpc_id

  tags = { Name = local.dbt }

  lifecycle {
    create_before_destroy = true
  }
}

# The AWS APIs have no fixed addresses, and there is no endpoint in the VPC: the port is what can be said.
resource "aws_vpc_security_group_egress_rule" "https" {
  security_group_id = aws_security_group.dbt.id
  description       = "HTTPS to the AWS APIs: ECR, S3, Redshift Data API, Step Functions, CloudWatch Logs"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "0.0.0.0/0"
}
