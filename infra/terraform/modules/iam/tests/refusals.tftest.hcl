# What is wrong is refused before anything is made.

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

run "as_it_stands_it_plans" {
  command = plan
  variables {
    holes = run.holes.holes
  }
}

run "policy_longer_than_iam_takes" {
  command = plan
  variables {
    holes = merge(run.holes.holes, { topic_arn = join("", [for each in range(700) : "0123456789abcdef"]) })
  }
  expect_failures = [aws_iam_role_policy.compiled["lambda"], aws_iam_role_policy.deployment["lambda"]]
}

run "hole_without_a_value" {
  command = plan
  variables {
    holes = { for name, value in run.holes.holes : name => value if name != "topic_arn" }
  }
  expect_failures = [var.holes]
}

run "queue_without_a_value" {
  command = plan
  variables {
    holes = { for name, value in run.holes.holes : name => value if name != "dlq_arn" }
  }
  expect_failures = [var.holes]
}

run "environment_of_no_list" {
  command = plan
  variables {
    holes       = run.holes.holes
    environment = "staging"
  }
  expect_failures = [var.environment]
}

run "region_of_no_partition" {
  command = plan
  variables {
    holes  = run.holes.holes
    region = "tokyo"
  }
  expect_failures = [var.region]
}

run "account_that_is_none" {
  command = plan
  variables {
    holes      = run.holes.holes
    account_id = "1234"
  }
  expect_failures = [var.account_id]
}

run "suffix_without_hyphen" {
  command = plan
  variables {
    holes       = run.holes.holes
    name_suffix = "dev"
  }
  expect_failures = [var.name_suffix]
}

run "suffix_too_long" {
  command = plan
  variables {
    holes       = run.holes.holes
    name_suffix = "-abcdefghijklm"
  }
  expect_failures = [var.name_suffix]
}

run "bucket_with_a_path" {
  command = plan
  variables {
    holes           = run.holes.holes
    data_bucket_arn = "arn:aws:s3:::dpc-learning-data-dev/*"
  }
  expect_failures = [var.data_bucket_arn]
}

run "every_bucket" {
  command = plan
  variables {
    holes           = run.holes.holes
    data_bucket_arn = "*"
  }
  expect_failures = [var.data_bucket_arn]
}

run "key_by_alias" {
  command = plan
  variables {
    holes       = run.holes.holes
    kms_key_arn = "arn:aws:kms:ap-northeast-1:123456789012:alias/dpc-learning-kms"
  }
  expect_failures = [var.kms_key_arn]
}

run "every_key" {
  command = plan
  variables {
    holes       = run.holes.holes
    kms_key_arn = "*"
  }
  expect_failures = [var.kms_key_arn]
}

run "workgroup_by_name" {
  command = plan
  variables {
    holes         = run.holes.holes
    workgroup_arn = "dpc-learning-dev"
  }
  expect_failures = [var.workgroup_arn]
}

run "every_workgroup" {
  command = plan
  variables {
    holes         = run.holes.holes
    workgroup_arn = "arn:aws:redshift-serverless:ap-northeast-1:123456789012:workgroup/*"
  }
  expect_failures = [var.workgroup_arn]
}

run "every_database" {
  command = plan
  variables {
    holes            = run.holes.holes
    catalog_database = "*"
  }
  expect_failures = [var.catalog_database]
}

run "everybody_an_analyst" {
  command = plan
  variables {
    holes                  = run.holes.holes
    analyst_principal_arns = ["*"]
  }
  expect_failures = [var.analyst_principal_arns]
}

run "an_account_of_analysts" {
  command = plan
  variables {
    holes                  = run.holes.holes
    analyst_principal_arns = ["arn:aws:iam::111122223333:root"]
  }
  expect_failures = [var.analyst_principal_arns]
}

run "analysts_by_wildcard" {
  command = plan
  variables {
    holes                  = run.holes.holes
    analyst_principal_arns = ["arn:aws:iam::123456789012:role/*"]
  }
  expect_failures = [var.analyst_principal_arns]
}
