# Where the warehouse and the dbt task run: in the default VPC, or where they are told to.

mock_provider "aws" {}

# The modules have tests of their own, and the bundles may not have been compiled here.
override_module {
  target = module.pipeline
  outputs = {
    ecr_repository_url = "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/dpc-learning-dbt-dev"
    machine_arns = {
      dpc-learning-elt      = "arn:aws:states:ap-northeast-1:123456789012:stateMachine:dpc-learning-elt"
      dpc-learning-schedule = "arn:aws:states:ap-northeast-1:123456789012:stateMachine:dpc-learning-schedule"
    }
    function_names  = { dpc-copy-raw = "dpc-copy-raw" }
    log_group_names = { dpc-copy-raw = "/aws/lambda/dpc-copy-raw" }
    dlq_name        = "dpc-learning-undelivered-dev"
    topic_arn       = "arn:aws:sns:ap-northeast-1:123456789012:dpc-learning-notifications-dev"
  }
}

override_data {
  target = data.aws_vpc.default
  values = { id = "vpc-0fedcba9876543210" }
}

override_data {
  target = data.aws_subnets.default
  values = { ids = ["subnet-0fedcba9876543212", "subnet-0fedcba9876543210", "subnet-0fedcba9876543211"] }
}

variables {
  environment      = "dev"
  account_id       = "123456789012"
  upload_cidrs     = ["203.0.113.0/24"]
  schedule_enabled = false
  dbt_image_digest = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
}

run "told_where" {
  command = plan
  variables {
    offline    = true
    vpc_id     = "vpc-0123456789abcdef0"
    subnet_ids = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1", "subnet-0123456789abcdef2"]
  }
  assert {
    condition     = local.vpc_id == "vpc-0123456789abcdef0" && local.subnet_ids == tolist(["subnet-0123456789abcdef0", "subnet-0123456789abcdef1", "subnet-0123456789abcdef2"])
    error_message = "What is given is used."
  }
  assert {
    condition     = length(data.aws_vpc.default) == 0 && length(data.aws_subnets.default) == 0
    error_message = "Nothing is read of AWS where the network is given."
  }
}

run "default_vpc" {
  command = plan
  assert {
    condition     = local.vpc_id == "vpc-0fedcba9876543210" && local.subnet_ids == tolist(["subnet-0fedcba9876543210", "subnet-0fedcba9876543211", "subnet-0fedcba9876543212"])
    error_message = "The default VPC and its subnets are used, in an order that does not change from one plan to the next."
  }
}
