# Values that would make a wrong environment are refused before anything is asked of AWS.

mock_provider "aws" {}

# The modules have tests of their own, and the bundles may not have been compiled here.
override_module {
  target = module.pipeline
  outputs = {
    ecr_repository_url = "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/dpc-learning-dbt-prod"
    machine_arns = {
      dpc-learning-elt      = "arn:aws:states:ap-northeast-1:123456789012:stateMachine:dpc-learning-elt"
      dpc-learning-schedule = "arn:aws:states:ap-northeast-1:123456789012:stateMachine:dpc-learning-schedule"
    }
    function_names  = { dpc-copy-raw = "dpc-copy-raw" }
    log_group_names = { dpc-copy-raw = "/aws/lambda/dpc-copy-raw" }
    dlq_name        = "dpc-learning-undelivered-prod"
    topic_arn       = "arn:aws:sns:ap-northeast-1:123456789012:dpc-learning-notifications-prod"
  }
}

variables {
  offline          = true
  environment      = "dev"
  account_id       = "123456789012"
  upload_cidrs     = ["203.0.113.0/24"]
  schedule_enabled = false
  vpc_id           = "vpc-0123456789abcdef0"
  subnet_ids       = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1", "subnet-0123456789abcdef2"]
  dbt_image_digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
}

run "environment_of_no_list" {
  command = plan
  variables {
    environment = "staging"
  }
  expect_failures = [var.environment]
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

run "uploads_from_nowhere" {
  command = plan
  variables {
    upload_cidrs = []
  }
  expect_failures = [var.upload_cidrs]
}

run "uploads_from_everywhere" {
  command = plan
  variables {
    upload_cidrs = ["203.0.113.0/24", "0.0.0.0/0"]
  }
  expect_failures = [var.upload_cidrs]
}

run "uploads_from_everywhere_in_ipv6" {
  command = plan
  variables {
    upload_cidrs = ["::/0"]
  }
  expect_failures = [var.upload_cidrs]
}

run "uploads_from_everywhere_in_halves" {
  command = plan
  variables {
    upload_cidrs = ["0.0.0.0/1", "128.0.0.0/1"]
  }
  expect_failures = [var.upload_cidrs]
}

run "uploads_from_an_address_without_a_range" {
  command = plan
  variables {
    upload_cidrs = ["203.0.113.7"]
  }
  expect_failures = [var.upload_cidrs]
}

run "address_that_is_none" {
  command = plan
  variables {
    notification_emails = ["dpc at example.org"]
  }
  expect_failures = [var.notification_emails]
}

run "rpu_7" {
  command = plan
  variables {
    redshift_base_rpu = 7
  }
  expect_failures = [var.redshift_base_rpu]
}

run "rpu_12" {
  command = plan
  variables {
    redshift_base_rpu = 12
  }
  expect_failures = [var.redshift_base_rpu]
}

run "rpu_520" {
  command = plan
  variables {
    redshift_base_rpu = 520
    redshift_max_rpu  = 512
  }
  expect_failures = [var.redshift_base_rpu]
}

run "most_rpu_below_the_least" {
  command = plan
  variables {
    redshift_base_rpu = 32
    redshift_max_rpu  = 16
  }
  expect_failures = [var.redshift_max_rpu]
}

run "no_hour_of_the_warehouse" {
  command = plan
  variables {
    redshift_monthly_rpu_hours = 0
  }
  expect_failures = [var.redshift_monthly_rpu_hours]
}

run "cron_of_five_fields" {
  command = plan
  variables {
    schedule_cron = "0 3 * * *"
  }
  expect_failures = [var.schedule_cron]
}

run "cron_every_hour" {
  command = plan
  variables {
    schedule_cron = "cron(0 * * * ? *)"
  }
  expect_failures = [var.schedule_cron]
}

run "cron_on_mondays" {
  command = plan
  variables {
    schedule_cron = "cron(0 3 ? * MON *)"
  }
  expect_failures = [var.schedule_cron]
}

run "rate" {
  command = plan
  variables {
    schedule_cron = "rate(1 day)"
  }
  expect_failures = [var.schedule_cron]
}

run "unknown_timezone" {
  command = plan
  variables {
    schedule_timezone = "Asia/Edo"
  }
  expect_failures = [var.schedule_timezone]
}

run "logs_for_a_month" {
  command = plan
  variables {
    log_retention_days = 30
  }
  expect_failures = [var.log_retention_days]
}

run "budget_of_nothing" {
  command = plan
  variables {
    monthly_budget_usd = 0
  }
  expect_failures = [var.monthly_budget_usd]
}

run "image_by_tag" {
  command = plan
  variables {
    dbt_image_digest = "latest"
  }
  expect_failures = [var.dbt_image_digest]
}

run "offline_without_a_vpc" {
  command = plan
  variables {
    vpc_id     = null
    subnet_ids = []
  }
  expect_failures = [var.vpc_id]
}

run "subnets_without_a_vpc" {
  command = plan
  variables {
    offline = false
    vpc_id  = null
  }
  expect_failures = [var.subnet_ids]
}

run "vpc_without_subnets" {
  command = plan
  variables {
    subnet_ids = []
  }
  expect_failures = [var.subnet_ids]
}
