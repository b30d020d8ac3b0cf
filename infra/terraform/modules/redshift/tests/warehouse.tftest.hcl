# What the module makes, with answers that stand in for AWS's.

mock_provider "aws" {
  mock_data "aws_vpc" {
    defaults = { id = "vpc-0aaaaaaaaaaaaaaaa" }
  }
  mock_data "aws_subnets" {
    defaults = { ids = ["subnet-0aaaaaaaaaaaaaaa3", "subnet-0aaaaaaaaaaaaaaa1", "subnet-0aaaaaaaaaaaaaaa2"] }
  }
  mock_resource "aws_redshiftserverless_workgroup" {
    defaults = {
      arn = "arn:aws:redshift-serverless:ap-northeast-1:123456789012:workgroup/00000000-0000-4000-8000-6f5e4d3c2b1a"
    }
  }
  mock_resource "aws_redshiftserverless_namespace" {
    defaults = {
      arn = "arn:aws:redshift-serverless:ap-northeast-1:123456789012:namespace/00000000-0000-4000-8000-1a2b3c4d5e6f"
    }
  }
  mock_resource "aws_security_group" {
    defaults = { id = "sg-0aaaaaaaaaaaaaaaa" }
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

run "namespace" {
  assert {
    condition     = aws_redshiftserverless_namespace.this.namespace_name == "dpc-learning-dev" && aws_redshiftserverless_namespace.this.db_name == "dpc"
    error_message = "The namespace or its database has another name."
  }
  assert {
    condition     = aws_redshiftserverless_namespace.this.kms_key_id == var.kms_key_arn && aws_redshiftserverless_namespace.this.admin_password_secret_kms_key_id == var.kms_key_arn
    error_message = "The namespace or its password is not under the key."
  }
  assert {
    condition     = aws_redshiftserverless_namespace.this.manage_admin_password && !contains(["admin", "awsuser"], aws_redshiftserverless_namespace.this.admin_username)
    error_message = "The administrator's password is not the service's, or the name is the default."
  }
  assert {
    condition     = aws_redshiftserverless_namespace.this.admin_user_password == null && aws_redshiftserverless_namespace.this.admin_user_password_wo == null
    error_message = "A password stands in the configuration."
  }
  assert {
    condition     = aws_redshiftserverless_namespace.this.default_iam_role_arn == var.copy_role_arn && tolist(aws_redshiftserverless_namespace.this.iam_roles) == tolist([var.copy_role_arn])
    error_message = "The copy role is not the only role and the default."
  }
  assert {
    condition     = aws_redshiftserverless_namespace.this.log_exports == toset(["connectionlog", "useractivitylog", "userlog"])
    error_message = "An audit log is not exported."
  }
}

run "audit_logs_are_encrypted_and_expire" {
  assert {
    condition = output.log_group_names == tolist([
      "/aws/redshift/dpc-learning-dev/connectionlog",
      "/aws/redshift/dpc-learning-dev/useractivitylog",
      "/aws/redshift/dpc-learning-dev/userlog",
    ])
    error_message = "The groups are not those that the service writes to: ${join(", ", output.log_group_names)}."
  }
  assert {
    condition     = alltrue([for group in aws_cloudwatch_log_group.audit : group.retention_in_days == 400 && group.kms_key_id == var.kms_key_arn])
    error_message = "A group is not under the key or does not expire after 400 days."
  }
}

run "workgroup_is_small_capped_and_private" {
  assert {
    condition     = aws_redshiftserverless_workgroup.this.base_capacity == 8 && aws_redshiftserverless_workgroup.this.max_capacity == 16
    error_message = "Expected 8 RPU, growing to 16."
  }
  assert {
    condition     = !aws_redshiftserverless_workgroup.this.publicly_accessible && !aws_redshiftserverless_workgroup.this.enhanced_vpc_routing
    error_message = "The workgroup is public, or routes over the VPC."
  }
  assert {
    condition     = aws_redshiftserverless_workgroup.this.namespace_name == output.namespace_name && output.workgroup_name == "dpc-learning-dev"
    error_message = "The workgroup is not that of the namespace, or has another name."
  }
  assert {
    condition     = aws_redshiftserverless_workgroup.this.security_group_ids == toset([output.security_group_id])
    error_message = "The workgroup is in another security group."
  }
}

run "parameters_of_the_workgroup" {
  assert {
    condition = tomap({ for each in aws_redshiftserverless_workgroup.this.config_parameter : each.parameter_key => each.parameter_value }) == tomap({
      require_ssl                    = "true"
      enable_user_activity_logging   = "true"
      max_query_execution_time       = "3600"
      max_query_queue_time           = "1800"
      max_query_temp_blocks_to_disk  = "102400"
      max_join_row_count             = "10000000000"
      max_nested_loop_join_row_count = "1000000000"
    })
    error_message = "The parameters are others: ${jsonencode(aws_redshiftserverless_workgroup.this.config_parameter)}."
  }
}

# The provider cannot change the parameters of a workgroup that is there, so other ones in force must not go unseen.
run "parameters_that_are_not_in_force" {
  command = plan
  variables {
    max_query_seconds = 1800
  }
  expect_failures = [aws_redshiftserverless_workgroup.this]
}

run "subnets_of_the_default_vpc" {
  assert {
    condition     = length(data.aws_vpc.default) == 1 && data.aws_vpc.default[0].default && output.vpc_id == "vpc-0aaaaaaaaaaaaaaaa"
    error_message = "The default VPC was not asked for."
  }
  assert {
    condition = tomap({ for each in data.aws_subnets.default[0].filter : each.name => join(",", each.values) }) == tomap({
      "vpc-id"         = "vpc-0aaaaaaaaaaaaaaaa"
      "default-for-az" = "true"
    })
    error_message = "Not the default subnets of that VPC were asked for."
  }
  assert {
    condition     = aws_redshiftserverless_workgroup.this.subnet_ids == toset(["subnet-0aaaaaaaaaaaaaaa1", "subnet-0aaaaaaaaaaaaaaa2", "subnet-0aaaaaaaaaaaaaaa3"])
    error_message = "The workgroup is in other subnets."
  }
}

run "subnets_that_are_given_are_not_asked_for" {
  variables {
    vpc_id     = "vpc-0bbbbbbbbbbbbbbbb"
    subnet_ids = ["subnet-0bbbbbbbbbbbbbbb2", "subnet-0bbbbbbbbbbbbbbb1"]
  }
  assert {
    condition     = length(data.aws_vpc.default) == 0 && length(data.aws_subnets.default) == 0
    error_message = "AWS was asked for what was given."
  }
  assert {
    condition     = output.vpc_id == "vpc-0bbbbbbbbbbbbbbbb" && output.subnet_ids == tolist(["subnet-0bbbbbbbbbbbbbbb1", "subnet-0bbbbbbbbbbbbbbb2"])
    error_message = "Other subnets are used than those that were given."
  }
  assert {
    condition     = aws_security_group.this.vpc_id == "vpc-0bbbbbbbbbbbbbbbb"
    error_message = "The security group is in another VPC."
  }
}

run "nothing_comes_in_and_nothing_goes_out" {
  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.quicksight) == 0
    error_message = "There is an ingress rule without QuickSight."
  }
  assert {
    condition     = try(length(aws_security_group.this.ingress), 0) == 0 && try(length(aws_security_group.this.egress), 0) == 0
    error_message = "The security group has rules of its own."
  }
}

run "quicksight_comes_in_by_one_rule" {
  variables {
    enable_quicksight = true
    quicksight_group  = "sg-0bbbbbbbbbbbbbbbb"
  }
  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.quicksight) == 1
    error_message = "Expected one rule."
  }
  assert {
    condition = alltrue([
      for rule in aws_vpc_security_group_ingress_rule.quicksight :
      rule.referenced_security_group_id == "sg-0bbbbbbbbbbbbbbbb" && rule.security_group_id == "sg-0aaaaaaaaaaaaaaaa"
      && rule.ip_protocol == "tcp" && rule.from_port == 5439 && rule.to_port == 5439
      && rule.cidr_ipv4 == null && rule.cidr_ipv6 == null && rule.prefix_list_id == null
    ])
    error_message = "The rule is not from group to group on port 5439."
  }
  assert {
    condition     = try(length(aws_security_group.this.ingress), 0) == 0 && try(length(aws_security_group.this.egress), 0) == 0
    error_message = "The security group has rules of its own."
  }
}

# A group that is given and not asked for opens nothing.
run "quicksight_off_with_a_group" {
  variables {
    enable_quicksight = false
    quicksight_group  = "sg-0bbbbbbbbbbbbbbbb"
  }
  assert {
    condition     = length(aws_vpc_security_group_ingress_rule.quicksight) == 0
    error_message = "There is an ingress rule without QuickSight."
  }
}

run "usage_is_limited" {
  assert {
    condition = { for name, each in aws_redshiftserverless_usage_limit.compute : name => "${each.usage_type} ${each.period} ${each.amount} ${each.breach_action}" } == {
      warning = "serverless-compute monthly 48 emit-metric"
      stop    = "serverless-compute monthly 60 deactivate"
      day     = "serverless-compute daily 15 emit-metric"
    }
    error_message = "The limits are others."
  }
  assert {
    condition     = alltrue([for each in aws_redshiftserverless_usage_limit.compute : each.resource_arn == output.workgroup_arn])
    error_message = "A limit is not the workgroup's."
  }
}

run "people_hear_of_every_limit" {
  assert {
    condition     = keys(aws_cloudwatch_metric_alarm.compute) == keys(aws_redshiftserverless_usage_limit.compute)
    error_message = "A limit has no alarm."
  }
  assert {
    condition = alltrue([
      for name, alarm in aws_cloudwatch_metric_alarm.compute :
      alarm.threshold == aws_redshiftserverless_usage_limit.compute[name].amount
      && alarm.dimensions == tomap({
        UsageLimitId = aws_redshiftserverless_usage_limit.compute[name].id
        UsageType    = "SERVERLESS_COMPUTE"
        Workgroup    = "dpc-learning-dev"
      })
      && alarm.namespace == "AWS/Redshift-Serverless" && alarm.metric_name == "UsageLimitConsumed"
      && alarm.comparison_operator == "GreaterThanOrEqualToThreshold" && alarm.treat_missing_data == "notBreaching"
    ])
    error_message = "An alarm does not watch its limit."
  }
  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.compute : endswith(alarm.alarm_description, "docs/runbook.md#the-usage-limit.")])
    error_message = "An alarm does not say where to read on."
  }
  assert {
    condition     = alltrue([for alarm in aws_cloudwatch_metric_alarm.compute : alarm.alarm_actions == toset([var.topic_arn])])
    error_message = "An alarm does not go to the topic."
  }
  assert {
    condition     = output.alarm_names == tolist(["dpc-learning-rpu-hours-day-dev", "dpc-learning-rpu-hours-stop-dev", "dpc-learning-rpu-hours-warning-dev"])
    error_message = "The alarms have other names."
  }
}

run "limits_of_one_hour_are_whole_hours" {
  variables {
    monthly_rpu_hours = 1
  }
  assert {
    condition     = alltrue([for each in aws_redshiftserverless_usage_limit.compute : each.amount == 1])
    error_message = "Expected 1 RPU hour everywhere."
  }
}

run "names_of_the_other_environment" {
  variables {
    environment = "prod"
  }
  assert {
    condition     = output.workgroup_name == "dpc-learning-prod" && output.namespace_name == "dpc-learning-prod" && aws_security_group.this.name == "dpc-learning-warehouse-prod"
    error_message = "A name does not say prod."
  }
}

run "names_with_a_suffix" {
  variables {
    name_suffix = "-b"
  }
  assert {
    condition     = output.workgroup_name == "dpc-learning-dev-b" && output.namespace_name == "dpc-learning-dev-b" && aws_security_group.this.name == "dpc-learning-warehouse-dev-b"
    error_message = "A name has no suffix."
  }
  assert {
    condition     = alltrue([for name in output.alarm_names : endswith(name, "-dev-b")]) && alltrue([for name in output.log_group_names : startswith(name, "/aws/redshift/dpc-learning-dev-b/")])
    error_message = "An alarm or a log group has no suffix."
  }
}
