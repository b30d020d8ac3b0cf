# What is wrong is refused before anything is made.

mock_provider "aws" {
  mock_data "aws_vpc" {
    defaults = { id = "vpc-0aaaaaaaaaaaaaaaa" }
  }
  mock_data "aws_subnets" {
    defaults = { ids = ["subnet-0aaaaaaaaaaaaaaa1", "subnet-0aaaaaaaaaaaaaaa2"] }
  }
}

variables {
  environment   = "dev"
  region        = "ap-northeast-1"
  account_id    = "123456789012"
  kms_key_arn   = "arn:aws:kms:ap-northeast-1:123456789012:key/00000000-0000-4000-8000-000000000000"
  copy_role_arn = "arn:aws:iam::123456789012:role/role-redshift-copy"
  topic_arn     = "arn:aws:sns:ap-northeast-1:123456789012:dpc-learning-notifications-dev"
}

run "two_zones_are_enough" {
  command = plan
}

run "one_zone_is_not" {
  command = plan
  override_data {
    target = data.aws_subnets.default[0]
    values = { ids = ["subnet-0aaaaaaaaaaaaaaa1"] }
  }
  expect_failures = [aws_redshiftserverless_workgroup.this]
}

run "one_subnet_given" {
  command = plan
  variables {
    vpc_id     = "vpc-0bbbbbbbbbbbbbbbb"
    subnet_ids = ["subnet-0bbbbbbbbbbbbbbb1"]
  }
  expect_failures = [aws_redshiftserverless_workgroup.this]
}

run "one_subnet_given_twice" {
  command = plan
  variables {
    vpc_id     = "vpc-0bbbbbbbbbbbbbbbb"
    subnet_ids = ["subnet-0bbbbbbbbbbbbbbb1", "subnet-0bbbbbbbbbbbbbbb1"]
  }
  expect_failures = [aws_redshiftserverless_workgroup.this]
}

run "no_default_vpc_subnet" {
  command = plan
  override_data {
    target = data.aws_subnets.default[0]
    values = { ids = [] }
  }
  expect_failures = [aws_redshiftserverless_workgroup.this]
}

run "subnets_without_a_vpc" {
  command = plan
  variables {
    subnet_ids = ["subnet-0bbbbbbbbbbbbbbb1", "subnet-0bbbbbbbbbbbbbbb2"]
  }
  expect_failures = [var.subnet_ids]
}

run "vpc_without_subnets" {
  command = plan
  variables {
    vpc_id = "vpc-0bbbbbbbbbbbbbbbb"
  }
  expect_failures = [var.subnet_ids]
}

run "environment_of_no_list" {
  command = plan
  variables {
    environment = "staging"
  }
  expect_failures = [var.environment]
}

run "rpu_7" {
  command = plan
  variables {
    base_rpu = 7
  }
  expect_failures = [var.base_rpu]
}

run "rpu_4" {
  command = plan
  variables {
    base_rpu = 4
  }
  expect_failures = [var.base_rpu]
}

run "rpu_12" {
  command = plan
  variables {
    base_rpu = 12
  }
  expect_failures = [var.base_rpu]
}

run "rpu_520" {
  command = plan
  variables {
    base_rpu = 520
    max_rpu  = 512
  }
  expect_failures = [var.base_rpu]
}

run "rpu_512" {
  command = plan
  variables {
    base_rpu = 512
    max_rpu  = 512
  }
}

run "most_below_the_least" {
  command = plan
  variables {
    base_rpu = 32
    max_rpu  = 16
  }
  expect_failures = [var.max_rpu]
}

run "most_513" {
  command = plan
  variables {
    max_rpu = 513
  }
  expect_failures = [var.max_rpu]
}

run "no_hour" {
  command = plan
  variables {
    monthly_rpu_hours = 0
  }
  expect_failures = [var.monthly_rpu_hours]
}

run "half_an_hour" {
  command = plan
  variables {
    monthly_rpu_hours = 10.5
  }
  expect_failures = [var.monthly_rpu_hours]
}

run "queries_of_a_day" {
  command = plan
  variables {
    max_query_seconds = 86400
  }
  expect_failures = [var.max_query_seconds]
}

run "key_by_alias" {
  command = plan
  variables {
    kms_key_arn = "alias/dpc-learning-kms"
  }
  expect_failures = [var.kms_key_arn]
}

run "key_of_another_account" {
  command = plan
  variables {
    kms_key_arn = "arn:aws:kms:ap-northeast-1:111122223333:key/00000000-0000-4000-8000-000000000000"
  }
  expect_failures = [var.kms_key_arn]
}

run "role_of_another_account" {
  command = plan
  variables {
    copy_role_arn = "arn:aws:iam::111122223333:role/role-redshift-copy"
  }
  expect_failures = [var.copy_role_arn]
}

run "region_of_no_partition" {
  command = plan
  variables {
    region = "tokyo"
  }
  expect_failures = [var.region]
}

run "account_that_is_none" {
  command = plan
  variables {
    account_id = "1234"
  }
  expect_failures = [var.account_id]
}

run "suffix_without_hyphen" {
  command = plan
  variables {
    name_suffix = "dev"
  }
  expect_failures = [var.name_suffix]
}

run "logs_for_a_month" {
  command = plan
  variables {
    log_retention_days = 30
  }
  expect_failures = [var.log_retention_days]
}

run "quicksight_without_its_group" {
  command = plan
  variables {
    enable_quicksight = true
  }
  expect_failures = [aws_vpc_security_group_ingress_rule.quicksight]
}
