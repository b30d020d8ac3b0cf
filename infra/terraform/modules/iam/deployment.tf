# What no step asks for. The Sid says what a statement is for, the comment why it is as wide as it is.
locals {
  deployment_policies = merge(local.own_deployment, {
    lambda = jsonencode({
      Version = "2012-10-17"
      Statement = [
        # Not the managed policy: groups are Terraform's, with a key and an end, so no function may make one.
        {
          Sid      = "WriteOwnLogs"
          Effect   = "Allow"
          Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
          Resource = local.function_log_arns["lambda"]
        },
        # Lambda sends the traces of a function under the function's role. X-Ray knows no resources.
        {
          Sid      = "SendTraces"
          Effect   = "Allow"
          Action   = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
          Resource = "*"
        },
        # Lambda puts an event that a function could not handle into the queue, under the function's role.
        {
          Sid      = "KeepFailedEvents"
          Effect   = "Allow"
          Action   = "sqs:SendMessage"
          Resource = var.holes["dlq_arn"]
        },
      ]
    })

    machine = jsonencode({
      Version = "2012-10-17"
      Statement = [
        # Definitions and histories are under the key; Step Functions uses it as the machine.
        {
          Sid       = "EncryptExecutions"
          Effect    = "Allow"
          Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
          Resource  = var.kms_key_arn
          Condition = { StringEquals = { "kms:EncryptionContext:aws:states:stateMachineArn" = local.machine_arns } }
        },
        # The way of an encrypted history to its log group. The asterisk is a part of the value that the service sends.
        {
          Sid       = "EncryptLogDelivery"
          Effect    = "Allow"
          Action    = "kms:GenerateDataKey"
          Resource  = var.kms_key_arn
          Condition = { StringEquals = { "kms:EncryptionContext:SourceArn" = "arn:aws:logs:${var.region}:${var.account_id}:*" } }
        },
      ]
    })

    scheduler = jsonencode({
      Version = "2012-10-17"
      Statement = [
        {
          Sid       = "DecryptSchedule"
          Effect    = "Allow"
          Action    = "kms:Decrypt"
          Resource  = var.kms_key_arn
          Condition = { StringEquals = { "kms:EncryptionContext:aws:scheduler:schedule:arn" = local.schedule_arn } }
        },
        # A start that failed is kept in the queue.
        {
          Sid      = "KeepFailedStarts"
          Effect   = "Allow"
          Action   = "sqs:SendMessage"
          Resource = var.holes["dlq_arn"]
        },
        {
          Sid       = "EncryptFailedStarts"
          Effect    = "Allow"
          Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
          Resource  = var.kms_key_arn
          Condition = { StringEquals = { "kms:ViaService" = "sqs.${var.region}.amazonaws.com" } }
        },
      ]
    })

    execution = jsonencode({
      Version = "2012-10-17"
      Statement = [
        # A token of the registry belongs to no repository.
        {
          Sid      = "EnterRegistry"
          Effect   = "Allow"
          Action   = "ecr:GetAuthorizationToken"
          Resource = "*"
        },
        {
          Sid      = "PullImage"
          Effect   = "Allow"
          Action   = ["ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"]
          Resource = local.repository_arn
        },
        {
          Sid      = "WriteLogs"
          Effect   = "Allow"
          Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
          Resource = local.dbt_log_arn
        },
      ]
    })

    analyst = jsonencode({
      Version = "2012-10-17"
      Statement = [
        # As the database user IAMR:<name of the role>; what that user sees, and for how long it may compute, is SQL.
        {
          Sid      = "QueryWarehouse"
          Effect   = "Allow"
          Action   = ["redshift-data:BatchExecuteStatement", "redshift-data:ExecuteStatement", "redshift-serverless:GetCredentials"]
          Resource = var.workgroup_arn
        },
        # These take no resource: what is asked about has to be one's own.
        {
          Sid       = "FollowOwnStatements"
          Effect    = "Allow"
          Action    = ["redshift-data:CancelStatement", "redshift-data:DescribeStatement", "redshift-data:GetStatementResult"]
          Resource  = "*"
          Condition = { StringEquals = { "redshift-data:statement-owner-iam-userid" = "$${aws:userid}" } }
        },
        {
          Sid       = "ListExports"
          Effect    = "Allow"
          Action    = "s3:ListBucket"
          Resource  = var.data_bucket_arn
          Condition = { StringLike = { "s3:prefix" = "processed/*" } }
        },
        {
          Sid      = "ReadExports"
          Effect   = "Allow"
          Action   = "s3:GetObject"
          Resource = "${var.data_bucket_arn}/processed/*"
        },
        {
          Sid       = "DecryptExports"
          Effect    = "Allow"
          Action    = "kms:Decrypt"
          Resource  = var.kms_key_arn
          Condition = { StringEquals = { "kms:ViaService" = "s3.${var.region}.amazonaws.com" } }
        },
      ]
    })
  })

  # Functions with a role of their own need of the deployment what all functions need.
  own_deployment = {
    for key in keys(local.own) : key => jsonencode({
      Version = "2012-10-17"
      Statement = [
        {
          Sid      = "WriteOwnLogs"
          Effect   = "Allow"
          Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
          Resource = local.function_log_arns[key]
        },
        {
          Sid      = "SendTraces"
          Effect   = "Allow"
          Action   = ["xray:PutTelemetryRecords", "xray:PutTraceSegments"]
          Resource = "*"
        },
      ]
    })
  }

  copy_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      # COPY reads what normalize wrote and the reference data; the external schema reads what was exported.
      {
        Sid      = "ReadLake"
        Effect   = "Allow"
        Action   = "s3:GetObject"
        Resource = [for area in ["processed", "ref", "stage"] : "${var.data_bucket_arn}/${area}/*"]
      },
      {
        Sid       = "ListLake"
        Effect    = "Allow"
        Action    = "s3:ListBucket"
        Resource  = var.data_bucket_arn
        Condition = { StringLike = { "s3:prefix" = ["processed/*", "ref/*", "stage/*"] } }
      },
      {
        Sid      = "LocateLake"
        Effect   = "Allow"
        Action   = "s3:GetBucketLocation"
        Resource = var.data_bucket_arn
      },
      # UNLOAD writes the files of a month. CLEANPATH deletes those that are there, and an UNLOAD that is cancelled takes
      # back the parts of a file. `_success/` is no folder of a month: the steps alone write it.
      {
        Sid      = "ReplaceExports"
        Effect   = "Allow"
        Action   = ["s3:AbortMultipartUpload", "s3:DeleteObject", "s3:PutObject"]
        Resource = "${var.data_bucket_arn}/processed/*/month=*/*"
      },
      {
        Sid       = "UseKeyOfLake"
        Effect    = "Allow"
        Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
        Resource  = var.kms_key_arn
        Condition = { StringEquals = { "kms:ViaService" = "s3.${var.region}.amazonaws.com" } }
      },
      # The external schema looks tables up in the catalog, where they have no partitions; Terraform alone writes there.
      {
        Sid    = "ReadCatalog"
        Effect = "Allow"
        Action = ["glue:GetDatabase", "glue:GetTable", "glue:GetTables"]
        Resource = [
          "arn:aws:glue:${var.region}:${var.account_id}:catalog",
          "arn:aws:glue:${var.region}:${var.account_id}:database/${var.catalog_database}",
          "arn:aws:glue:${var.region}:${var.account_id}:table/${var.catalog_database}/*",
        ]
      },
    ]
  })

  quicksight_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      # An interface has an id that nobody knows before it is made.
      {
        Sid    = "MakeInterfaces"
        Effect = "Allow"
        Action = ["ec2:CreateNetworkInterface", "ec2:ModifyNetworkInterfaceAttribute"]
        Resource = [
          for kind in ["network-interface", "security-group", "subnet"] :
          "arn:aws:ec2:${var.region}:${var.account_id}:${kind}/*"
        ]
      },
      {
        Sid      = "RemoveInterfaces"
        Effect   = "Allow"
        Action   = "ec2:DeleteNetworkInterface"
        Resource = "arn:aws:ec2:${var.region}:${var.account_id}:network-interface/*"
      },
      # EC2 describes all or nothing.
      {
        Sid      = "FindNetwork"
        Effect   = "Allow"
        Action   = ["ec2:DescribeSecurityGroups", "ec2:DescribeSubnets"]
        Resource = "*"
      },
    ]
  })
}
