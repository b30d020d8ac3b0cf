# What the module makes, with answers that stand in for AWS's, and what it refuses.

mock_provider "aws" {
  mock_resource "aws_kms_key" {
    defaults = {
      arn    = "arn:aws:kms:ap-northeast-1:123456789012:key/00000000-0000-4000-8000-000000000000"
      key_id = "00000000-0000-4000-8000-000000000000"
    }
  }
  mock_resource "aws_iam_role" {
    defaults = { arn = "arn:aws:iam::123456789012:role/role-cloudtrail-dpc" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:ap-northeast-1:123456789012:log-group:/aws/cloudtrail/dpc-learning-dev" }
  }
}

variables {
  environment  = "dev"
  region       = "ap-northeast-1"
  account_id   = "123456789012"
  upload_cidrs = ["203.0.113.0/24", "198.51.100.7/32"]
  pipeline_role_arns = [
    "arn:aws:iam::123456789012:role/role-lambda-dpc",
    "arn:aws:iam::123456789012:role/role-redshift-copy",
    "arn:aws:iam::123456789012:role/role-dbt-runner",
  ]
  deploy_role_arns = ["arn:aws:iam::123456789012:role/role-deploy-dpc"]
}

run "names" {
  assert {
    condition     = output.data_bucket == "dpc-learning-data-dev" && output.trail_bucket == "dpc-learning-trail-dev"
    error_message = "The buckets have other names."
  }
  assert {
    condition     = aws_kms_alias.this.name == "alias/dpc-learning-kms"
    error_message = "The key has another alias."
  }
}

run "names_with_a_suffix" {
  variables {
    name_suffix = "-dev"
  }
  assert {
    condition     = output.data_bucket == "dpc-learning-data-dev-dev" && aws_kms_alias.this.name == "alias/dpc-learning-kms-dev" && aws_iam_role.trail.name == "role-cloudtrail-dpc-dev"
    error_message = "The suffix is missing where two environments would meet."
  }
}

run "key" {
  assert {
    condition     = aws_kms_key.this.enable_key_rotation && aws_kms_key.this.deletion_window_in_days == 30
    error_message = "Expected rotation, and 30 days before the key is deleted."
  }
  assert {
    condition = toset(flatten([for each in jsondecode(aws_kms_key.this.policy).Statement : try(each.Principal.Service, [])])) == toset([
      "budgets.amazonaws.com", "cloudtrail.amazonaws.com", "cloudwatch.amazonaws.com", "delivery.logs.amazonaws.com",
      "events.amazonaws.com", "fargate.amazonaws.com", "logs.ap-northeast-1.amazonaws.com", "scheduler.amazonaws.com",
    ])
    error_message = "The services with a statement of their own are others."
  }
  assert {
    condition     = alltrue([for each in jsondecode(aws_kms_key.this.policy).Statement : can(each.Condition) if can(each.Principal.Service)])
    error_message = "A service's statement has no condition: any account could use the key through it."
  }
  assert {
    condition     = length([for each in jsondecode(aws_kms_key.this.policy).Statement : each if each.Action == "kms:*"]) == 1
    error_message = "Only the account itself has every action."
  }
}

run "upload_addresses" {
  assert {
    condition = one([
      for each in jsondecode(aws_s3_bucket_policy.data.policy).Statement : each if each.Sid == "DataFromKnownAddresses"
      ]) == {
      Sid       = "DataFromKnownAddresses"
      Effect    = "Deny"
      Principal = "*"
      Action    = ["s3:DeleteObject*", "s3:GetObject*", "s3:ListBucket", "s3:ListBucketVersions", "s3:PutObject*"]
      Resource  = ["arn:aws:s3:::dpc-learning-data-dev", "arn:aws:s3:::dpc-learning-data-dev/*"]
      Condition = {
        NotIpAddress = { "aws:SourceIp" = ["198.51.100.7/32", "203.0.113.0/24"] }
        ArnNotLike = {
          "aws:PrincipalArn" = [
            "arn:aws:iam::123456789012:role/role-dbt-runner",
            "arn:aws:iam::123456789012:role/role-deploy-dpc",
            "arn:aws:iam::123456789012:role/role-lambda-dpc",
            "arn:aws:iam::123456789012:role/role-redshift-copy",
          ]
        }
        BoolIfExists = { "aws:PrincipalIsAWSService" = "false", "aws:ViaAWSService" = "false" }
      }
    }
    error_message = "The statement that restricts addresses is another."
  }
}

run "tls_only" {
  assert {
    condition = alltrue([
      for policy in [aws_s3_bucket_policy.data.policy, aws_s3_bucket_policy.trail.policy] :
      length([
        for each in jsondecode(policy).Statement : each
        if each.Effect == "Deny" && each.Action == "s3:*" && each.Condition == { Bool = { "aws:SecureTransport" = "false" } }
      ]) == 1
    ])
    error_message = "A bucket takes requests without TLS."
  }
}

run "the_lakes_policy_only_denies" {
  assert {
    condition     = alltrue([for each in jsondecode(aws_s3_bucket_policy.data.policy).Statement : each.Effect == "Deny"])
    error_message = "The bucket's policy lets somebody in: access is given by the roles' policies alone."
  }
  assert {
    condition     = distinct([for each in jsondecode(aws_s3_bucket_policy.trail.policy).Statement : jsonencode(each.Principal) if each.Effect == "Allow"]) == tolist([jsonencode({ Service = "cloudtrail.amazonaws.com" })])
    error_message = "Others than CloudTrail are let into the trail's bucket."
  }
}

run "lifecycle" {
  assert {
    condition = jsonencode([
      for rule in aws_s3_bucket_lifecycle_configuration.data.rule : [rule.id, rule.filter[0].prefix, [for each in rule.transition : each.storage_class]]
      if length(rule.transition) > 0
    ]) == jsonencode([["archive-to-deep-archive", "archive/", ["DEEP_ARCHIVE"]]])
    error_message = "Only archive/ goes to Deep Archive."
  }
  assert {
    condition     = alltrue([for rule in aws_s3_bucket_lifecycle_configuration.data.rule : alltrue([for each in rule.expiration : coalesce(each.days, 0) == 0 && each.date == null])])
    error_message = "A current object of the lake would expire."
  }
  assert {
    condition     = aws_s3_bucket_lifecycle_configuration.data.transition_default_minimum_object_size == "varies_by_storage_class"
    error_message = "Objects under 128 KB would stay behind."
  }
}

run "trail" {
  assert {
    condition     = aws_cloudtrail.this.enable_log_file_validation && aws_cloudtrail.this.is_multi_region_trail && aws_cloudtrail.this.s3_bucket_name == "dpc-learning-trail-dev"
    error_message = "Expected validation, all regions and a bucket of its own."
  }
  assert {
    condition = jsonencode(flatten([
      for selector in aws_cloudtrail.this.advanced_event_selector : [
        for field in selector.field_selector : field.starts_with if field.field == "resources.ARN"
      ]
    ])) == jsonencode(["arn:aws:s3:::dpc-learning-data-dev/"])
    error_message = "Data events are those of the lake, and no others."
  }
}

run "secrets_without_a_value" {
  assert {
    condition     = toset([for each in aws_secretsmanager_secret.this : each.name]) == toset(["dpc-learning-slack-webhook-dev", "dpc-learning-id-key-dev"])
    error_message = "The secrets have other names."
  }
}

run "everybody_v4" {
  command = plan
  variables {
    upload_cidrs = ["203.0.113.0/24", "0.0.0.0/0"]
  }
  expect_failures = [var.upload_cidrs]
}

run "everybody_v6" {
  command = plan
  variables {
    upload_cidrs = ["::/0"]
  }
  expect_failures = [var.upload_cidrs]
}

run "nobody" {
  command = plan
  variables {
    upload_cidrs = []
  }
  expect_failures = [var.upload_cidrs]
}

run "no_range" {
  command = plan
  variables {
    upload_cidrs = ["203.0.113.0"]
  }
  expect_failures = [var.upload_cidrs]
}

run "another_environment" {
  command = plan
  variables {
    environment = "test"
  }
  expect_failures = [var.environment]
}

run "a_role_of_another_account" {
  command = plan
  variables {
    pipeline_role_arns = ["arn:aws:iam::111122223333:role/role-lambda-dpc"]
  }
  expect_failures = [var.pipeline_role_arns]
}

run "kept_for_a_week" {
  command = plan
  variables {
    log_retention_days = 7
  }
  expect_failures = [var.log_retention_days]
}
