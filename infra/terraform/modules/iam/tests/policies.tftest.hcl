# What each role may do, in the documents that IAM gets.

# Nothing is asked of AWS: the credentials are made up.
provider "aws" {
  region                      = "ap-northeast-1"
  access_key                  = "testing"
  secret_key                  = "testing"
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

variables {
  environment      = "dev"
  region           = "ap-northeast-1"
  account_id       = "123456789012"
  generated_dir    = "../../generated"
  data_bucket_arn  = "arn:aws:s3:::dpc-learning-data-dev"
  kms_key_arn      = "arn:aws:kms:ap-northeast-1:123456789012:key/00000000-0000-4000-8000-000000000000"
  workgroup_arn    = "arn:aws:redshift-serverless:ap-northeast-1:123456789012:workgroup/00000000-0000-4000-8000-6f5e4d3c2b1a"
  catalog_database = "dpc_learning_dev_warehouse"
}

# Applied, because outputs of a run that only plans cannot be used; it makes nothing.
run "holes" {
  module {
    source = "./tests/holes"
  }
}

run "exactly_these_actions" {
  command = plan
  variables {
    holes             = run.holes.holes
    enable_quicksight = true
  }
  assert {
    condition = sort(keys(output.policies)) == tolist([
      "analyst/deployment",
      "container/compiled",
      "copy/lake",
      "execution/deployment",
      "lambda/compiled",
      "lambda/deployment",
      "machine/compiled",
      "machine/deployment",
      "quicksight/connection",
      "role-migrate-dpc/compiled",
      "role-migrate-dpc/deployment",
      "scheduler/compiled",
      "scheduler/deployment",
    ])
    error_message = "There are other policies: ${join(", ", keys(output.policies))}."
  }
  assert {
    condition = sort(distinct(flatten([for each in jsondecode(output.policies["analyst/deployment"]).Statement : each.Action]))) == tolist([
      "kms:Decrypt",
      "redshift-data:BatchExecuteStatement",
      "redshift-data:CancelStatement",
      "redshift-data:DescribeStatement",
      "redshift-data:ExecuteStatement",
      "redshift-data:GetStatementResult",
      "redshift-serverless:GetCredentials",
      "s3:GetObject",
      "s3:ListBucket",
    ])
    error_message = "analyst/deployment allows other actions: ${jsonencode(sort(distinct(flatten([for each in jsondecode(output.policies["analyst/deployment"]).Statement : each.Action]))))}."
  }
  assert {
    condition = sort(distinct(flatten([for each in jsondecode(output.policies["container/compiled"]).Statement : each.Action]))) == tolist([
      "kms:Decrypt",
      "kms:GenerateDataKey",
      "redshift-data:CancelStatement",
      "redshift-data:DescribeStatement",
      "redshift-data:ExecuteStatement",
      "redshift-data:GetStatementResult",
      "redshift-serverless:GetCredentials",
      "s3:GetObject",
      "s3:ListBucket",
      "s3:PutObject",
      "states:DescribeExecution",
      "states:SendTaskFailure",
      "states:SendTaskHeartbeat",
      "states:SendTaskSuccess",
    ])
    error_message = "container/compiled allows other actions: ${jsonencode(sort(distinct(flatten([for each in jsondecode(output.policies["container/compiled"]).Statement : each.Action]))))}."
  }
  assert {
    condition = sort(distinct(flatten([for each in jsondecode(output.policies["copy/lake"]).Statement : each.Action]))) == tolist([
      "glue:GetDatabase",
      "glue:GetTable",
      "glue:GetTables",
      "kms:Decrypt",
      "kms:GenerateDataKey",
      "s3:AbortMultipartUpload",
      "s3:DeleteObject",
      "s3:GetBucketLocation",
      "s3:GetObject",
      "s3:ListBucket",
      "s3:PutObject",
    ])
    error_message = "copy/lake allows other actions: ${jsonencode(sort(distinct(flatten([for each in jsondecode(output.policies["copy/lake"]).Statement : each.Action]))))}."
  }
  assert {
    condition = sort(distinct(flatten([for each in jsondecode(output.policies["execution/deployment"]).Statement : each.Action]))) == tolist([
      "ecr:BatchCheckLayerAvailability",
      "ecr:BatchGetImage",
      "ecr:GetAuthorizationToken",
      "ecr:GetDownloadUrlForLayer",
      "logs:CreateLogStream",
      "logs:PutLogEvents",
    ])
    error_message = "execution/deployment allows other actions: ${jsonencode(sort(distinct(flatten([for each in jsondecode(output.policies["execution/deployment"]).Statement : each.Action]))))}."
  }
  assert {
    condition = sort(distinct(flatten([for each in jsondecode(output.policies["lambda/compiled"]).Statement : each.Action]))) == tolist([
      "kms:Decrypt",
      "kms:GenerateDataKey",
      "redshift-data:BatchExecuteStatement",
      "redshift-data:CancelStatement",
      "redshift-data:DescribeStatement",
      "redshift-data:ExecuteStatement",
      "redshift-data:GetStatementResult",
      "redshift-serverless:GetCredentials",
      "s3:DeleteObject",
      "s3:GetObject",
      "s3:ListBucket",
      "s3:PutObject",
      "secretsmanager:GetSecretValue",
      "sns:Publish",
      "states:DescribeExecution",
      "states:GetExecutionHistory",
    ])
    error_message = "lambda/compiled allows other actions: ${jsonencode(sort(distinct(flatten([for each in jsondecode(output.policies["lambda/compiled"]).Statement : each.Action]))))}."
  }
  assert {
    condition = sort(distinct(flatten([for each in jsondecode(output.policies["lambda/deployment"]).Statement : each.Action]))) == tolist([
      "logs:CreateLogStream",
      "logs:PutLogEvents",
      "sqs:SendMessage",
      "xray:PutTelemetryRecords",
      "xray:PutTraceSegments",
    ])
    error_message = "lambda/deployment allows other actions: ${jsonencode(sort(distinct(flatten([for each in jsondecode(output.policies["lambda/deployment"]).Statement : each.Action]))))}."
  }
  assert {
    condition = sort(distinct(flatten([for each in jsondecode(output.policies["machine/compiled"]).Statement : each.Action]))) == tolist([
      "ecs:RunTask",
      "events:DescribeRule",
      "events:PutRule",
      "events:PutTargets",
      "iam:PassRole",
      "lambda:InvokeFunction",
      "logs:CreateLogDelivery",
      "logs:DeleteLogDelivery",
      "logs:DescribeLogGroups",
      "logs:DescribeResourcePolicies",
      "logs:GetLogDelivery",
      "logs:ListLogDeliveries",
      "logs:PutResourcePolicy",
      "logs:UpdateLogDelivery",
      "states:DescribeExecution",
      "states:StartExecution",
      "states:StopExecution",
      "xray:GetSamplingRules",
      "xray:GetSamplingTargets",
      "xray:PutTelemetryRecords",
      "xray:PutTraceSegments",
    ])
    error_message = "machine/compiled allows other actions: ${jsonencode(sort(distinct(flatten([for each in jsondecode(output.policies["machine/compiled"]).Statement : each.Action]))))}."
  }
  assert {
    condition     = sort(distinct(flatten([for each in jsondecode(output.policies["machine/deployment"]).Statement : each.Action]))) == tolist(["kms:Decrypt", "kms:GenerateDataKey"])
    error_message = "machine/deployment allows other actions: ${jsonencode(sort(distinct(flatten([for each in jsondecode(output.policies["machine/deployment"]).Statement : each.Action]))))}."
  }
  # Only what migrates may be the warehouse's administrator.
  assert {
    condition = sort(distinct(flatten([for each in jsondecode(output.policies["role-migrate-dpc/compiled"]).Statement : each.Action]))) == tolist([
      "kms:Decrypt",
      "redshift-data:BatchExecuteStatement",
      "redshift-data:CancelStatement",
      "redshift-data:DescribeStatement",
      "redshift-data:ExecuteStatement",
      "redshift-data:GetStatementResult",
      "secretsmanager:GetSecretValue",
    ])
    error_message = "role-migrate-dpc/compiled allows other actions."
  }
  assert {
    condition     = [for name, policy in output.policies : name if strcontains(policy, var.holes["admin_secret_arn"])] == ["role-migrate-dpc/compiled"]
    error_message = "Another role reads the administrator's secret."
  }
  assert {
    condition = sort(distinct(flatten([for each in jsondecode(output.policies["quicksight/connection"]).Statement : each.Action]))) == tolist([
      "ec2:CreateNetworkInterface",
      "ec2:DeleteNetworkInterface",
      "ec2:DescribeSecurityGroups",
      "ec2:DescribeSubnets",
      "ec2:ModifyNetworkInterfaceAttribute",
    ])
    error_message = "quicksight/connection allows other actions: ${jsonencode(sort(distinct(flatten([for each in jsondecode(output.policies["quicksight/connection"]).Statement : each.Action]))))}."
  }
  assert {
    condition     = sort(distinct(flatten([for each in jsondecode(output.policies["scheduler/compiled"]).Statement : each.Action]))) == tolist(["states:StartExecution"])
    error_message = "scheduler/compiled allows other actions: ${jsonencode(sort(distinct(flatten([for each in jsondecode(output.policies["scheduler/compiled"]).Statement : each.Action]))))}."
  }
  assert {
    condition     = sort(distinct(flatten([for each in jsondecode(output.policies["scheduler/deployment"]).Statement : each.Action]))) == tolist(["kms:Decrypt", "kms:GenerateDataKey", "sqs:SendMessage"])
    error_message = "scheduler/deployment allows other actions: ${jsonencode(sort(distinct(flatten([for each in jsondecode(output.policies["scheduler/deployment"]).Statement : each.Action]))))}."
  }
}

run "each_policy_is_its_roles" {
  command = plan
  variables {
    holes             = run.holes.holes
    enable_quicksight = true
  }
  assert {
    condition     = alltrue([for role, each in aws_iam_role_policy.compiled : each.role == output.role_names[role] && each.name == "compiled"])
    error_message = "A compiled policy is another role's."
  }
  assert {
    condition     = alltrue([for role, each in aws_iam_role_policy.deployment : each.role == output.role_names[role] && each.name == "deployment"])
    error_message = "A policy of the deployment is another role's."
  }
  assert {
    condition     = aws_iam_role_policy.copy.role == "role-redshift-copy" && aws_iam_role_policy.quicksight[0].role == "role-quicksight-dpc"
    error_message = "The copy role's or QuickSight's policy is another role's."
  }
  assert {
    condition     = sort(keys(aws_iam_role_policy.compiled)) == tolist(["container", "lambda", "machine", "role-migrate-dpc", "scheduler"])
    error_message = "Other roles are compiled."
  }
}

run "nothing_by_wildcard" {
  command = plan
  variables {
    holes             = run.holes.holes
    enable_quicksight = true
  }
  assert {
    condition     = alltrue([for each in flatten([for name, policy in output.policies : [for each in jsondecode(policy).Statement : merge(each, { policy = name })]]) : each.Effect == "Allow" && !can(each.NotAction) && !can(each.NotResource) && !can(each.Principal)])
    error_message = "A statement is written the other way round."
  }
  assert {
    condition     = !strcontains(join(" ", flatten([for each in flatten([for name, policy in output.policies : [for each in jsondecode(policy).Statement : merge(each, { policy = name })]]) : each.Action])), "*")
    error_message = "An action is a wildcard."
  }
  assert {
    condition = sort(flatten([for each in flatten([for name, policy in output.policies : [for each in jsondecode(policy).Statement : merge(each, { policy = name })]]) : [for action in flatten([each.Action]) : join(" ", [each.policy, action])] if contains(flatten([each.Resource]), "*")])) == tolist([
      "analyst/deployment redshift-data:CancelStatement",
      "analyst/deployment redshift-data:DescribeStatement",
      "analyst/deployment redshift-data:GetStatementResult",
      "container/compiled redshift-data:CancelStatement",
      "container/compiled redshift-data:DescribeStatement",
      "container/compiled redshift-data:GetStatementResult",
      "execution/deployment ecr:GetAuthorizationToken",
      "lambda/compiled redshift-data:CancelStatement",
      "lambda/compiled redshift-data:DescribeStatement",
      "lambda/compiled redshift-data:GetStatementResult",
      "lambda/deployment xray:PutTelemetryRecords",
      "lambda/deployment xray:PutTraceSegments",
      "machine/compiled logs:CreateLogDelivery",
      "machine/compiled logs:DeleteLogDelivery",
      "machine/compiled logs:DescribeLogGroups",
      "machine/compiled logs:DescribeResourcePolicies",
      "machine/compiled logs:GetLogDelivery",
      "machine/compiled logs:ListLogDeliveries",
      "machine/compiled logs:PutResourcePolicy",
      "machine/compiled logs:UpdateLogDelivery",
      "machine/compiled xray:GetSamplingRules",
      "machine/compiled xray:GetSamplingTargets",
      "machine/compiled xray:PutTelemetryRecords",
      "machine/compiled xray:PutTraceSegments",
      "quicksight/connection ec2:DescribeSecurityGroups",
      "quicksight/connection ec2:DescribeSubnets",
      "role-migrate-dpc/compiled redshift-data:CancelStatement",
      "role-migrate-dpc/compiled redshift-data:DescribeStatement",
      "role-migrate-dpc/compiled redshift-data:GetStatementResult",
      "role-migrate-dpc/deployment xray:PutTelemetryRecords",
      "role-migrate-dpc/deployment xray:PutTraceSegments",
    ])
    error_message = "Other actions are allowed on everything than those of this list."
  }
  assert {
    condition     = alltrue(flatten([for name, policy in output.policies : [for each in jsondecode(policy).Statement : try(length(each.Sid) > 0, false)] if !endswith(name, "/compiled")]))
    error_message = "A statement of the deployment has no Sid."
  }
  assert {
    condition     = alltrue([for role in keys(output.role_names) : length(join("", [for name, policy in output.policies : policy if startswith(name, "${role}/")])) <= 10240])
    error_message = "A role's policies are longer than IAM takes."
  }
}

run "holes_are_filled_and_iams_own_variables_stay" {
  command = plan
  variables {
    holes = run.holes.holes
  }
  assert {
    condition     = distinct(flatten(regexall("\\$\\{[^}]*\\}", join("", values(output.policies))))) == tolist(["$${aws:userid}"])
    error_message = "Found ${jsonencode(distinct(flatten(regexall("\\$\\{[^}]*\\}", join("", values(output.policies))))))}, expected the name of the caller alone."
  }
  assert {
    condition     = alltrue([for each in flatten([for name, policy in output.policies : [for each in jsondecode(policy).Statement : merge(each, { policy = name })]]) : try(each.Condition.StringEquals["redshift-data:statement-owner-iam-userid"], "") == "$${aws:userid}" if contains(flatten([each.Action]), "redshift-data:DescribeStatement")])
    error_message = "Statements of others can be read."
  }
  assert {
    condition     = sort([for each in flatten([for name, policy in output.policies : [for each in jsondecode(policy).Statement : merge(each, { policy = name })]]) : each.policy if contains(flatten([each.Action]), "redshift-data:DescribeStatement")]) == tolist(["analyst/deployment", "container/compiled", "lambda/compiled", "role-migrate-dpc/compiled"])
    error_message = "Other roles follow statements."
  }
}

run "roles_are_passed_to_tasks_only" {
  command = plan
  variables {
    holes = run.holes.holes
  }
  assert {
    condition = jsonencode([for each in flatten([for name, policy in output.policies : [for each in jsondecode(policy).Statement : merge(each, { policy = name })]]) : { policy = each.policy, resource = sort(flatten([each.Resource])), condition = each.Condition } if contains(flatten([each.Action]), "iam:PassRole")]) == jsonencode([{
      policy = "machine/compiled"
      resource = [
        "arn:aws:iam::123456789012:role/role-dbt-execution",
        "arn:aws:iam::123456789012:role/role-dbt-runner",
      ]
      condition = {
        StringEquals = {
          "iam:PassedToService" = "ecs-tasks.amazonaws.com"
        }
      }
    }])
    error_message = "Another role may be passed, or to another service."
  }
  assert {
    condition     = alltrue([for action in flatten([for each in flatten([for name, policy in output.policies : [for each in jsondecode(policy).Statement : merge(each, { policy = name })]]) : each.Action]) : action == "iam:PassRole" || !(startswith(action, "iam:") || startswith(action, "sts:"))])
    error_message = "A role may change roles or take others."
  }
}

run "functions_write_their_own_logs_only" {
  command = plan
  variables {
    holes = run.holes.holes
  }
  assert {
    condition     = toset(flatten([for each in jsondecode(output.policies["lambda/deployment"]).Statement : each.Resource if each.Sid == "WriteOwnLogs"])) == toset([for name in run.holes.functions : "arn:aws:logs:ap-northeast-1:123456789012:log-group:/aws/lambda/${name}:*" if name != "dpc-migrate"])
    error_message = "The log groups are not the functions'."
  }
  assert {
    condition     = flatten([for each in jsondecode(output.policies["role-migrate-dpc/deployment"]).Statement : each.Resource if each.Sid == "WriteOwnLogs"]) == ["arn:aws:logs:ap-northeast-1:123456789012:log-group:/aws/lambda/dpc-migrate:*"]
    error_message = "The log group of dpc-migrate is not its own."
  }
  assert {
    condition     = length([for each in flatten([for name, policy in output.policies : jsondecode(policy).Statement]) : each if contains(flatten([each.Action]), "logs:CreateLogGroup")]) == 0
    error_message = "A role may make log groups."
  }
  assert {
    condition     = jsondecode(output.policies["lambda/compiled"]).Version == "2012-10-17" && length([for each in jsondecode(output.policies["lambda/compiled"]).Statement : each if can(each.Sid)]) == 0
    error_message = "The compiled policy holds statements of the deployment."
  }
}

run "the_warehouse_in_the_lake" {
  command = plan
  variables {
    holes = run.holes.holes
  }
  assert {
    condition = jsonencode([one([for each in jsondecode(output.policies["copy/lake"]).Statement : each if each.Sid == "ReadLake"]).Resource, try(one([for each in jsondecode(output.policies["copy/lake"]).Statement : each if each.Sid == "ReadLake"]).Condition, null)]) == jsonencode([[
      "arn:aws:s3:::dpc-learning-data-dev/processed/*",
      "arn:aws:s3:::dpc-learning-data-dev/ref/*",
      "arn:aws:s3:::dpc-learning-data-dev/stage/*",
    ], null])
    error_message = "Redshift reads elsewhere."
  }
  assert {
    condition = jsonencode([one([for each in jsondecode(output.policies["copy/lake"]).Statement : each if each.Sid == "ListLake"]).Resource, try(one([for each in jsondecode(output.policies["copy/lake"]).Statement : each if each.Sid == "ListLake"]).Condition, null)]) == jsonencode(["arn:aws:s3:::dpc-learning-data-dev", {
      StringLike = {
        "s3:prefix" = ["processed/*", "ref/*", "stage/*"]
      }
    }])
    error_message = "Redshift lists elsewhere."
  }
  assert {
    condition     = jsonencode([one([for each in jsondecode(output.policies["copy/lake"]).Statement : each if each.Sid == "LocateLake"]).Resource, try(one([for each in jsondecode(output.policies["copy/lake"]).Statement : each if each.Sid == "LocateLake"]).Condition, null)]) == jsonencode(["arn:aws:s3:::dpc-learning-data-dev", null])
    error_message = "Redshift asks for another bucket."
  }
  assert {
    condition     = jsonencode([one([for each in jsondecode(output.policies["copy/lake"]).Statement : each if each.Sid == "ReplaceExports"]).Resource, try(one([for each in jsondecode(output.policies["copy/lake"]).Statement : each if each.Sid == "ReplaceExports"]).Condition, null)]) == jsonencode(["arn:aws:s3:::dpc-learning-data-dev/processed/*/month=*/*", null])
    error_message = "Redshift writes elsewhere."
  }
  assert {
    condition = jsonencode([one([for each in jsondecode(output.policies["copy/lake"]).Statement : each if each.Sid == "UseKeyOfLake"]).Resource, try(one([for each in jsondecode(output.policies["copy/lake"]).Statement : each if each.Sid == "UseKeyOfLake"]).Condition, null)]) == jsonencode(["arn:aws:kms:ap-northeast-1:123456789012:key/00000000-0000-4000-8000-000000000000", {
      StringEquals = {
        "kms:ViaService" = "s3.ap-northeast-1.amazonaws.com"
      }
    }])
    error_message = "Redshift uses the key otherwise."
  }
  assert {
    condition = jsonencode([one([for each in jsondecode(output.policies["copy/lake"]).Statement : each if each.Sid == "ReadCatalog"]).Resource, try(one([for each in jsondecode(output.policies["copy/lake"]).Statement : each if each.Sid == "ReadCatalog"]).Condition, null)]) == jsonencode([[
      "arn:aws:glue:ap-northeast-1:123456789012:catalog",
      "arn:aws:glue:ap-northeast-1:123456789012:database/dpc_learning_dev_warehouse",
      "arn:aws:glue:ap-northeast-1:123456789012:table/dpc_learning_dev_warehouse/*",
    ], null])
    error_message = "Redshift reads other tables of the catalog."
  }
}

run "analysts_read_what_is_exported" {
  command = plan
  variables {
    holes = run.holes.holes
  }
  assert {
    condition     = jsonencode([one([for each in jsondecode(output.policies["analyst/deployment"]).Statement : each if each.Sid == "QueryWarehouse"]).Resource, try(one([for each in jsondecode(output.policies["analyst/deployment"]).Statement : each if each.Sid == "QueryWarehouse"]).Condition, null)]) == jsonencode(["arn:aws:redshift-serverless:ap-northeast-1:123456789012:workgroup/00000000-0000-4000-8000-6f5e4d3c2b1a", null])
    error_message = "Analysts query elsewhere."
  }
  assert {
    condition = jsonencode([one([for each in jsondecode(output.policies["analyst/deployment"]).Statement : each if each.Sid == "FollowOwnStatements"]).Resource, try(one([for each in jsondecode(output.policies["analyst/deployment"]).Statement : each if each.Sid == "FollowOwnStatements"]).Condition, null)]) == jsonencode(["*", {
      StringEquals = {
        "redshift-data:statement-owner-iam-userid" = "$${aws:userid}"
      }
    }])
    error_message = "Analysts see statements of others."
  }
  assert {
    condition = jsonencode([one([for each in jsondecode(output.policies["analyst/deployment"]).Statement : each if each.Sid == "ListExports"]).Resource, try(one([for each in jsondecode(output.policies["analyst/deployment"]).Statement : each if each.Sid == "ListExports"]).Condition, null)]) == jsonencode(["arn:aws:s3:::dpc-learning-data-dev", {
      StringLike = {
        "s3:prefix" = "processed/*"
      }
    }])
    error_message = "Analysts list elsewhere."
  }
  assert {
    condition     = jsonencode([one([for each in jsondecode(output.policies["analyst/deployment"]).Statement : each if each.Sid == "ReadExports"]).Resource, try(one([for each in jsondecode(output.policies["analyst/deployment"]).Statement : each if each.Sid == "ReadExports"]).Condition, null)]) == jsonencode(["arn:aws:s3:::dpc-learning-data-dev/processed/*", null])
    error_message = "Analysts read elsewhere."
  }
  assert {
    condition = jsonencode([one([for each in jsondecode(output.policies["analyst/deployment"]).Statement : each if each.Sid == "DecryptExports"]).Resource, try(one([for each in jsondecode(output.policies["analyst/deployment"]).Statement : each if each.Sid == "DecryptExports"]).Condition, null)]) == jsonencode(["arn:aws:kms:ap-northeast-1:123456789012:key/00000000-0000-4000-8000-000000000000", {
      StringEquals = {
        "kms:ViaService" = "s3.ap-northeast-1.amazonaws.com"
      }
    }])
    error_message = "Analysts use the key otherwise."
  }
}

run "services_that_run_the_pipeline" {
  command = plan
  variables {
    holes = run.holes.holes
  }
  assert {
    condition     = jsonencode([one([for each in jsondecode(output.policies["lambda/deployment"]).Statement : each if each.Sid == "KeepFailedEvents"]).Resource, try(one([for each in jsondecode(output.policies["lambda/deployment"]).Statement : each if each.Sid == "KeepFailedEvents"]).Condition, null)]) == jsonencode(["arn:aws:sqs:ap-northeast-1:123456789012:dpc-learning-undelivered-dev", null])
    error_message = "Failed events go elsewhere."
  }
  assert {
    condition = jsonencode([one([for each in jsondecode(output.policies["machine/deployment"]).Statement : each if each.Sid == "EncryptExecutions"]).Resource, try(one([for each in jsondecode(output.policies["machine/deployment"]).Statement : each if each.Sid == "EncryptExecutions"]).Condition, null)]) == jsonencode(["arn:aws:kms:ap-northeast-1:123456789012:key/00000000-0000-4000-8000-000000000000", {
      StringEquals = {
        "kms:EncryptionContext:aws:states:stateMachineArn" = [
          "arn:aws:states:ap-northeast-1:123456789012:stateMachine:dpc-learning-elt",
          "arn:aws:states:ap-northeast-1:123456789012:stateMachine:dpc-learning-schedule",
        ]
      }
    }])
    error_message = "The machine uses the key for something else."
  }
  assert {
    condition = jsonencode([one([for each in jsondecode(output.policies["machine/deployment"]).Statement : each if each.Sid == "EncryptLogDelivery"]).Resource, try(one([for each in jsondecode(output.policies["machine/deployment"]).Statement : each if each.Sid == "EncryptLogDelivery"]).Condition, null)]) == jsonencode(["arn:aws:kms:ap-northeast-1:123456789012:key/00000000-0000-4000-8000-000000000000", {
      StringEquals = {
        "kms:EncryptionContext:SourceArn" = "arn:aws:logs:ap-northeast-1:123456789012:*"
      }
    }])
    error_message = "The machine uses the key for something else."
  }
  assert {
    condition = jsonencode([one([for each in jsondecode(output.policies["scheduler/deployment"]).Statement : each if each.Sid == "DecryptSchedule"]).Resource, try(one([for each in jsondecode(output.policies["scheduler/deployment"]).Statement : each if each.Sid == "DecryptSchedule"]).Condition, null)]) == jsonencode(["arn:aws:kms:ap-northeast-1:123456789012:key/00000000-0000-4000-8000-000000000000", {
      StringEquals = {
        "kms:EncryptionContext:aws:scheduler:schedule:arn" = "arn:aws:scheduler:ap-northeast-1:123456789012:schedule/default/dpc-learning-daily-dev"
      }
    }])
    error_message = "The schedule's role decrypts something else."
  }
  assert {
    condition     = jsonencode([one([for each in jsondecode(output.policies["scheduler/deployment"]).Statement : each if each.Sid == "KeepFailedStarts"]).Resource, try(one([for each in jsondecode(output.policies["scheduler/deployment"]).Statement : each if each.Sid == "KeepFailedStarts"]).Condition, null)]) == jsonencode(["arn:aws:sqs:ap-northeast-1:123456789012:dpc-learning-undelivered-dev", null])
    error_message = "Failed starts go elsewhere."
  }
  assert {
    condition = jsonencode([one([for each in jsondecode(output.policies["scheduler/deployment"]).Statement : each if each.Sid == "EncryptFailedStarts"]).Resource, try(one([for each in jsondecode(output.policies["scheduler/deployment"]).Statement : each if each.Sid == "EncryptFailedStarts"]).Condition, null)]) == jsonencode(["arn:aws:kms:ap-northeast-1:123456789012:key/00000000-0000-4000-8000-000000000000", {
      StringEquals = {
        "kms:ViaService" = "sqs.ap-northeast-1.amazonaws.com"
      }
    }])
    error_message = "The schedule's role uses the key otherwise."
  }
  assert {
    condition     = jsonencode([one([for each in jsondecode(output.policies["execution/deployment"]).Statement : each if each.Sid == "PullImage"]).Resource, try(one([for each in jsondecode(output.policies["execution/deployment"]).Statement : each if each.Sid == "PullImage"]).Condition, null)]) == jsonencode(["arn:aws:ecr:ap-northeast-1:123456789012:repository/dpc-learning-dbt-dev", null])
    error_message = "ECS pulls elsewhere."
  }
  assert {
    condition     = jsonencode([one([for each in jsondecode(output.policies["execution/deployment"]).Statement : each if each.Sid == "WriteLogs"]).Resource, try(one([for each in jsondecode(output.policies["execution/deployment"]).Statement : each if each.Sid == "WriteLogs"]).Condition, null)]) == jsonencode(["arn:aws:logs:ap-northeast-1:123456789012:log-group:/ecs/dpc-learning-dbt-dev:*", null])
    error_message = "ECS logs elsewhere."
  }
  assert {
    condition = jsonencode(jsondecode(output.policies["scheduler/compiled"]).Statement) == jsonencode([{
      Action   = "states:StartExecution"
      Effect   = "Allow"
      Resource = "arn:aws:states:ap-northeast-1:123456789012:stateMachine:dpc-learning-schedule"
    }])
    error_message = "The schedule starts something else."
  }
}

run "the_network_of_quicksight" {
  command = plan
  variables {
    holes             = run.holes.holes
    enable_quicksight = true
  }
  assert {
    condition = jsonencode([one([for each in jsondecode(output.policies["quicksight/connection"]).Statement : each if each.Sid == "MakeInterfaces"]).Resource, try(one([for each in jsondecode(output.policies["quicksight/connection"]).Statement : each if each.Sid == "MakeInterfaces"]).Condition, null)]) == jsonencode([[
      "arn:aws:ec2:ap-northeast-1:123456789012:network-interface/*",
      "arn:aws:ec2:ap-northeast-1:123456789012:security-group/*",
      "arn:aws:ec2:ap-northeast-1:123456789012:subnet/*",
    ], null])
    error_message = "QuickSight makes interfaces elsewhere."
  }
  assert {
    condition     = jsonencode([one([for each in jsondecode(output.policies["quicksight/connection"]).Statement : each if each.Sid == "RemoveInterfaces"]).Resource, try(one([for each in jsondecode(output.policies["quicksight/connection"]).Statement : each if each.Sid == "RemoveInterfaces"]).Condition, null)]) == jsonencode(["arn:aws:ec2:ap-northeast-1:123456789012:network-interface/*", null])
    error_message = "QuickSight removes something else."
  }
}
