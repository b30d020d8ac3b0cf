# What is wrong is refused before anything is made.

mock_provider "aws" {}

variables {
  environment   = "dev"
  region        = "ap-northeast-1"
  account_id    = "123456789012"
  generated_dir = "./tests/fixture/generated"
  dist_dir      = "./tests/fixture/dist"
  kms_key_arn   = "arn:aws:kms:ap-northeast-1:123456789012:key/00000000-0000-0000-0000-000000000000"
  vpc_id        = "vpc-0123456789abcdef0"
  subnet_ids    = ["subnet-0123456789abcdef0"]
  holes = {
    data_bucket                   = "dpc-learning-data-dev"
    redshift_workgroup            = "dpc-learning-dev"
    topic_arn                     = "arn:aws:sns:ap-northeast-1:123456789012:dpc-learning-notifications-dev"
    shared_layer_arn              = "arn:aws:lambda:ap-northeast-1:123456789012:layer:shared:3"
    machine_dpc_learning_elt      = "arn:aws:states:ap-northeast-1:123456789012:stateMachine:dpc-learning-elt"
    machine_dpc_learning_schedule = "arn:aws:states:ap-northeast-1:123456789012:stateMachine:dpc-learning-schedule"
  }
  role_arns = {
    lambda    = "arn:aws:iam::123456789012:role/role-lambda-dpc"
    machine   = "arn:aws:iam::123456789012:role/role-stepfunctions-dpc"
    container = "arn:aws:iam::123456789012:role/role-dbt-runner"
    execution = "arn:aws:iam::123456789012:role/role-dbt-execution"
    scheduler = "arn:aws:iam::123456789012:role/role-scheduler-dpc"
  }
  schedule_enabled   = false
  log_retention_days = 400
  dbt_image_digest   = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
}

run "as_it_stands_it_plans" {
  command = plan
}

run "zip_of_a_function_missing" {
  command = plan
  variables {
    dist_dir = "./tests/fixture/dist_layers"
  }
  expect_failures = [aws_lambda_function.this]
}

run "zip_of_a_layer_missing" {
  command = plan
  variables {
    dist_dir = "./tests/fixture/nowhere"
  }
  expect_failures = [aws_lambda_layer_version.this]
}

run "zip_missing_where_none_is_asked_for" {
  command = plan
  variables {
    dist_dir         = "./tests/fixture/nowhere"
    bundles_required = false
  }
}

run "zip_of_other_sources" {
  command = plan
  variables {
    dist_dir = "./tests/fixture/dist_other"
  }
  expect_failures = [aws_lambda_function.this]
}

run "machine_that_somebody_edited" {
  command = plan
  variables {
    generated_dir = "./tests/fixture/generated_edited"
  }
  expect_failures = [aws_sfn_state_machine.this]
}

run "manifest_that_runs_every_hour_by_no_clock" {
  command = plan
  variables {
    generated_dir = "./tests/fixture/generated_hourly"
  }
  expect_failures = [aws_scheduler_schedule.daily]
}

run "nobody_to_tell" {
  command = plan
  variables {
    generated_dir = "./tests/fixture/generated_silent"
  }
  expect_failures = [check.notice]
}

run "no_manifest" {
  command = plan
  variables {
    generated_dir = "./tests/fixture/dist"
  }
  expect_failures = [var.generated_dir]
}

run "environment_of_no_list" {
  command = plan
  variables {
    environment = "staging"
  }
  expect_failures = [var.environment]
}

run "account_that_is_none" {
  command = plan
  variables {
    account_id = "1234"
  }
  expect_failures = [var.account_id]
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

run "cron_twice_a_day" {
  command = plan
  variables {
    schedule_cron = "cron(0 3,15 * * ? *)"
  }
  expect_failures = [var.schedule_cron]
}

run "cron_of_hour_24" {
  command = plan
  variables {
    schedule_cron = "cron(0 24 * * ? *)"
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

run "image_by_tag" {
  command = plan
  variables {
    dbt_image_digest = "latest"
  }
  expect_failures = [var.dbt_image_digest]
}

run "root" {
  command = plan
  variables {
    dbt_user = "0:0"
  }
  expect_failures = [var.dbt_user]
}

run "memory_that_fargate_lacks" {
  command = plan
  variables {
    dbt_cpu    = 256
    dbt_memory = 4096
  }
  expect_failures = [var.dbt_memory]
}

run "cpu_that_fargate_lacks" {
  command = plan
  variables {
    dbt_cpu = 1000
  }
  expect_failures = [var.dbt_cpu]
}

run "no_subnet" {
  command = plan
  variables {
    subnet_ids = []
  }
  expect_failures = [var.subnet_ids]
}

run "role_missing" {
  command = plan
  variables {
    role_arns = { lambda = "arn:aws:iam::123456789012:role/role-lambda-dpc" }
  }
  expect_failures = [var.role_arns]
}

run "holes_missing" {
  command = plan
  variables {
    holes = { data_bucket = "dpc-learning-data-dev" }
  }
  expect_failures = [var.holes]
}

run "address_that_is_none" {
  command = plan
  variables {
    notification_emails = ["dpc at example.org"]
  }
  expect_failures = [var.notification_emails]
}
