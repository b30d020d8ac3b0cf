# What the root makes, with answers that stand in for AWS's, and what it refuses.

mock_provider "aws" {
  mock_resource "aws_kms_key" {
    defaults = {
      arn    = "arn:aws:kms:ap-northeast-1:123456789012:key/00000000-0000-4000-8000-000000000000"
      key_id = "00000000-0000-4000-8000-000000000000"
    }
  }
}

variables {
  account_id = "123456789012"
}

run "state_and_lock" {
  assert {
    condition     = output.state_bucket == "dpc-learning-tfstate" && output.lock_table == "terraform-lock"
    error_message = "The backends of the roots name other things."
  }
  assert {
    condition     = aws_dynamodb_table.lock.hash_key == "LockID" && aws_dynamodb_table.lock.deletion_protection_enabled
    error_message = "Terraform locks by LockID, and the table must not vanish by mistake."
  }
  assert {
    condition     = one(aws_s3_bucket_versioning.state.versioning_configuration).status == "Enabled"
    error_message = "A broken state could not be undone."
  }
  assert {
    condition     = aws_s3_account_public_access_block.this.block_public_policy && aws_s3_account_public_access_block.this.restrict_public_buckets && aws_s3_account_public_access_block.this.block_public_acls && aws_s3_account_public_access_block.this.ignore_public_acls
    error_message = "A bucket of the account could be public."
  }
}

run "no_repository_no_role" {
  assert {
    condition     = length(aws_iam_role.workflow) == 0 && length(aws_iam_openid_connect_provider.github) == 0 && length(aws_iam_role_policy_attachment.plan) == 0
    error_message = "Roles for workflows of no repository."
  }
}

run "roles_of_a_repository" {
  variables {
    github_repository = "example/dpc"
  }
  assert {
    condition = { for name, role in aws_iam_role.workflow : name => jsondecode(role.assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"] } == {
      plan   = ["repo:example/dpc:pull_request"]
      deploy = ["repo:example/dpc:environment:dev", "repo:example/dpc:environment:prod"]
    }
    error_message = "Others than this repository's pull requests and environments are let in."
  }
  assert {
    condition = length([
      for each in jsondecode(aws_iam_role_policy.workflow["deploy"].policy).Statement : each
      if each.Effect == "Allow" && (contains(flatten([each.Action]), "*") || (try(each.Resource, "") == "*" && anytrue([for one in flatten([each.Action]) : startswith(one, "iam:")])))
    ]) == 0
    error_message = "The deployment is allowed everything."
  }
  assert {
    condition     = contains([for each in jsondecode(aws_iam_role_policy.workflow["plan"].policy).Statement : each.Sid if each.Effect == "Deny"], "NoData")
    error_message = "A pull request's plan could read patients' data."
  }
}

run "one_environment" {
  variables {
    github_repository = "example/dpc"
    environments      = ["prod"]
  }
  assert {
    condition     = jsondecode(aws_iam_role.workflow["deploy"].assume_role_policy).Statement[0].Condition.StringEquals["token.actions.githubusercontent.com:sub"] == ["repo:example/dpc:environment:prod"]
    error_message = "dev's workflow is let into prod's account."
  }
}

run "no_such_environment" {
  command = plan
  variables {
    environments = ["staging"]
  }
  expect_failures = [var.environments]
}

run "account_with_hyphens" {
  command = plan
  variables {
    account_id = "1234-5678-9012"
  }
  expect_failures = [var.account_id]
}

run "repository_as_an_address" {
  command = plan
  variables {
    github_repository = "https://github.com/example/dpc"
  }
  expect_failures = [var.github_repository]
}

run "another_state_bucket" {
  command = plan
  variables {
    state_bucket = "my-bucket"
  }
  expect_failures = [var.state_bucket]
}
