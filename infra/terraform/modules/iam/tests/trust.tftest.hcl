# Who may take which role, whole documents.

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

run "services_for_this_account_only" {
  command = plan
  variables {
    holes = run.holes.holes
  }
  assert {
    condition = jsonencode(jsondecode(aws_iam_role.this["lambda"].assume_role_policy)) == jsonencode({
      Version = "2012-10-17"
      Statement = [
        {
          Effect = "Allow"
          Principal = {
            Service = "lambda.amazonaws.com"
          }
          Action = "sts:AssumeRole"
          Condition = {
            StringEquals = {
              "aws:SourceAccount" = "123456789012"
            }
          }
        },
      ]
    })
    error_message = "The role lambda trusts others, or under other conditions."
  }
  assert {
    condition = jsonencode(jsondecode(aws_iam_role.this["machine"].assume_role_policy)) == jsonencode({
      Version = "2012-10-17"
      Statement = [
        {
          Effect = "Allow"
          Principal = {
            Service = "states.amazonaws.com"
          }
          Action = "sts:AssumeRole"
          Condition = {
            StringEquals = {
              "aws:SourceAccount" = "123456789012"
            }
            ArnEquals = {
              "aws:SourceArn" = [
                "arn:aws:states:ap-northeast-1:123456789012:stateMachine:dpc-learning-elt",
                "arn:aws:states:ap-northeast-1:123456789012:stateMachine:dpc-learning-schedule",
              ]
            }
          }
        },
      ]
    })
    error_message = "The role machine trusts others, or under other conditions."
  }
  assert {
    condition = jsonencode(jsondecode(aws_iam_role.this["container"].assume_role_policy)) == jsonencode({
      Version = "2012-10-17"
      Statement = [
        {
          Effect = "Allow"
          Principal = {
            Service = "ecs-tasks.amazonaws.com"
          }
          Action = "sts:AssumeRole"
          Condition = {
            StringEquals = {
              "aws:SourceAccount" = "123456789012"
            }
            ArnLike = {
              "aws:SourceArn" = "arn:aws:ecs:ap-northeast-1:123456789012:*"
            }
          }
        },
      ]
    })
    error_message = "The role container trusts others, or under other conditions."
  }
  assert {
    condition = jsonencode(jsondecode(aws_iam_role.this["execution"].assume_role_policy)) == jsonencode({
      Version = "2012-10-17"
      Statement = [
        {
          Effect = "Allow"
          Principal = {
            Service = "ecs-tasks.amazonaws.com"
          }
          Action = "sts:AssumeRole"
          Condition = {
            StringEquals = {
              "aws:SourceAccount" = "123456789012"
            }
            ArnLike = {
              "aws:SourceArn" = "arn:aws:ecs:ap-northeast-1:123456789012:*"
            }
          }
        },
      ]
    })
    error_message = "The role execution trusts others, or under other conditions."
  }
  assert {
    condition = jsonencode(jsondecode(aws_iam_role.this["scheduler"].assume_role_policy)) == jsonencode({
      Version = "2012-10-17"
      Statement = [
        {
          Effect = "Allow"
          Principal = {
            Service = "scheduler.amazonaws.com"
          }
          Action = "sts:AssumeRole"
          Condition = {
            StringEquals = {
              "aws:SourceAccount" = "123456789012"
            }
            ArnEquals = {
              "aws:SourceArn" = "arn:aws:scheduler:ap-northeast-1:123456789012:schedule-group/default"
            }
          }
        },
      ]
    })
    error_message = "The role scheduler trusts others, or under other conditions."
  }
  assert {
    condition = jsonencode(jsondecode(aws_iam_role.copy.assume_role_policy)) == jsonencode({
      Version = "2012-10-17"
      Statement = [
        {
          Effect = "Allow"
          Principal = {
            Service = ["redshift-serverless.amazonaws.com", "redshift.amazonaws.com"]
          }
          Action = "sts:AssumeRole"
          Condition = {
            StringEquals = {
              "aws:SourceAccount" = "123456789012"
            }
            ArnLike = {
              "aws:SourceArn" = [
                "arn:aws:redshift-serverless:ap-northeast-1:123456789012:*",
                "arn:aws:redshift:ap-northeast-1:123456789012:*",
              ]
            }
          }
        },
      ]
    })
    error_message = "The role copy trusts others, or under other conditions."
  }
}

run "analysts_of_the_account_with_mfa" {
  command = plan
  variables {
    holes = run.holes.holes
  }
  assert {
    condition = jsonencode(jsondecode(aws_iam_role.this["analyst"].assume_role_policy)) == jsonencode({
      Version = "2012-10-17"
      Statement = [
        {
          Effect = "Allow"
          Principal = {
            AWS = ["arn:aws:iam::123456789012:root"]
          }
          Action = "sts:AssumeRole"
          Condition = {
            Bool = {
              "aws:MultiFactorAuthPresent" = "true"
            }
          }
        },
      ]
    })
    error_message = "The role analyst trusts others, or under other conditions."
  }
}

run "analysts_by_name_with_mfa" {
  command = plan
  variables {
    holes                  = run.holes.holes
    analyst_principal_arns = ["arn:aws:iam::123456789012:user/hospital/somebody", "arn:aws:iam::111122223333:role/analysts"]
  }
  assert {
    condition = jsonencode(jsondecode(aws_iam_role.this["analyst"].assume_role_policy)) == jsonencode({
      Version = "2012-10-17"
      Statement = [
        {
          Effect = "Allow"
          Principal = {
            AWS = ["arn:aws:iam::111122223333:role/analysts", "arn:aws:iam::123456789012:user/hospital/somebody"]
          }
          Action = "sts:AssumeRole"
          Condition = {
            Bool = {
              "aws:MultiFactorAuthPresent" = "true"
            }
          }
        },
      ]
    })
    error_message = "The role analyst trusts others, or under other conditions."
  }
}

run "quicksight_only_where_it_is_on" {
  command = plan
  variables {
    holes             = run.holes.holes
    enable_quicksight = true
  }
  assert {
    condition = jsonencode(jsondecode(aws_iam_role.quicksight[0].assume_role_policy)) == jsonencode({
      Version = "2012-10-17"
      Statement = [
        {
          Effect = "Allow"
          Principal = {
            Service = "quicksight.amazonaws.com"
          }
          Action = "sts:AssumeRole"
        },
      ]
    })
    error_message = "The role quicksight trusts others, or under other conditions."
  }
  assert {
    condition     = aws_iam_role.quicksight[0].name == "role-quicksight-dpc" && output.role_names["quicksight"] == "role-quicksight-dpc"
    error_message = "QuickSight's role has another name."
  }
}

run "no_quicksight" {
  command = plan
  variables {
    holes = run.holes.holes
  }
  assert {
    condition     = length(aws_iam_role.quicksight) == 0 && length(aws_iam_role_policy.quicksight) == 0
    error_message = "There is a role for QuickSight."
  }
  assert {
    condition     = !contains(keys(output.role_names), "quicksight") && !contains(keys(output.policies), "quicksight/connection")
    error_message = "QuickSight's role is told of."
  }
}

run "names" {
  command = plan
  variables {
    holes = run.holes.holes
  }
  assert {
    condition = tomap({ for key, role in aws_iam_role.this : key => role.name }) == tomap({
      lambda    = "role-lambda-dpc"
      machine   = "role-stepfunctions-dpc"
      container = "role-dbt-runner"
      scheduler = "role-scheduler-dpc"
      execution = "role-dbt-execution"
      analyst   = "role-analyst-dpc"

      role-migrate-dpc = "role-migrate-dpc"
    })
    error_message = "A role has another name."
  }
  assert {
    condition     = aws_iam_role.copy.name == "role-redshift-copy"
    error_message = "The copy role has another name."
  }
  assert {
    condition = tomap(output.role_names) == tomap({
      lambda    = "role-lambda-dpc"
      machine   = "role-stepfunctions-dpc"
      container = "role-dbt-runner"
      scheduler = "role-scheduler-dpc"
      execution = "role-dbt-execution"
      analyst   = "role-analyst-dpc"

      role-migrate-dpc = "role-migrate-dpc"
      copy             = "role-redshift-copy"
    })
    error_message = "The names that are told are others."
  }
}

run "names_with_a_suffix" {
  command = plan
  variables {
    holes       = run.holes.holes
    name_suffix = "-dev"
  }
  assert {
    condition = tomap({ for key, role in aws_iam_role.this : key => role.name }) == tomap({
      lambda    = "role-lambda-dpc-dev"
      machine   = "role-stepfunctions-dpc-dev"
      container = "role-dbt-runner-dev"
      scheduler = "role-scheduler-dpc-dev"
      execution = "role-dbt-execution-dev"
      analyst   = "role-analyst-dpc-dev"

      role-migrate-dpc = "role-migrate-dpc-dev"
    })
    error_message = "A role has another name."
  }
  assert {
    condition     = aws_iam_role.copy.name == "role-redshift-copy-dev"
    error_message = "The copy role has another name."
  }
  assert {
    condition = tomap(output.role_names) == tomap({
      lambda    = "role-lambda-dpc-dev"
      machine   = "role-stepfunctions-dpc-dev"
      container = "role-dbt-runner-dev"
      scheduler = "role-scheduler-dpc-dev"
      execution = "role-dbt-execution-dev"
      analyst   = "role-analyst-dpc-dev"

      role-migrate-dpc = "role-migrate-dpc-dev"
      copy             = "role-redshift-copy-dev"
    })
    error_message = "The names that are told are others."
  }
  assert {
    condition = jsonencode(jsondecode(aws_iam_role.this["machine"].assume_role_policy)) == jsonencode({
      Version = "2012-10-17"
      Statement = [
        {
          Effect = "Allow"
          Principal = {
            Service = "states.amazonaws.com"
          }
          Action = "sts:AssumeRole"
          Condition = {
            StringEquals = {
              "aws:SourceAccount" = "123456789012"
            }
            ArnEquals = {
              "aws:SourceArn" = [
                "arn:aws:states:ap-northeast-1:123456789012:stateMachine:dpc-learning-elt-dev",
                "arn:aws:states:ap-northeast-1:123456789012:stateMachine:dpc-learning-schedule-dev",
              ]
            }
          }
        },
      ]
    })
    error_message = "The role machine trusts others, or under other conditions."
  }
  assert {
    condition     = alltrue([for arn in flatten([for each in jsondecode(aws_iam_role_policy.deployment["lambda"].policy).Statement : each.Resource if each.Sid == "WriteOwnLogs"]) : endswith(arn, "-dev:*")])
    error_message = "Functions may write logs of another environment."
  }
  assert {
    condition     = jsondecode(aws_iam_role_policy.deployment["machine"].policy).Statement[0].Condition.StringEquals["kms:EncryptionContext:aws:states:stateMachineArn"] == ["arn:aws:states:ap-northeast-1:123456789012:stateMachine:dpc-learning-elt-dev", "arn:aws:states:ap-northeast-1:123456789012:stateMachine:dpc-learning-schedule-dev"]
    error_message = "The machine may encrypt for machines of another environment."
  }
}
