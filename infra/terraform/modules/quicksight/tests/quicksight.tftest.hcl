# The connection reaches the warehouse and nothing else; the data sets are the marts.

mock_provider "aws" {
  mock_resource "aws_security_group" {
    defaults = { id = "sg-0123456789abcdef1" }
  }
  mock_resource "aws_secretsmanager_secret" {
    defaults = { arn = "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:made-AbCdEf" }
  }
  mock_resource "aws_quicksight_vpc_connection" {
    defaults = { arn = "arn:aws:quicksight:ap-northeast-1:123456789012:vpcConnection/made" }
  }
  mock_resource "aws_quicksight_data_source" {
    defaults = { arn = "arn:aws:quicksight:ap-northeast-1:123456789012:datasource/made" }
  }
  mock_resource "aws_quicksight_data_set" {
    defaults = { arn = "arn:aws:quicksight:ap-northeast-1:123456789012:dataset/made" }
  }
}

variables {
  environment                = "dev"
  region                     = "ap-northeast-1"
  account_id                 = "123456789012"
  workgroup_endpoint         = "dpc-learning-dev.123456789012.ap-northeast-1.redshift-serverless.amazonaws.com"
  redshift_security_group_id = "sg-0123456789abcdef0"
  role_arn                   = "arn:aws:iam::123456789012:role/role-quicksight-dpc"
  kms_key_arn                = "arn:aws:kms:ap-northeast-1:123456789012:key/00000000-0000-0000-0000-000000000000"
  vpc_id                     = "vpc-0123456789abcdef0"
  subnet_ids                 = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
  principal_arn              = "arn:aws:quicksight:ap-northeast-1:123456789012:group/default/analysts"
  columns = {
    cost_monthly = [
      { name = "facility_code", type = "string" },
      { name = "lines", type = "bigint" },
    ]
    fact_stay = [
      { name = "admission_date", type = "date" },
      { name = "same_day_no", type = "string" },
      { name = "emergency_flag", type = "boolean" },
      { name = "age_at_admission", type = "int" },
      { name = "mortality_rate", type = "double" },
      { name = "received_at", type = "timestamp" },
    ]
  }
}

run "network" {
  assert {
    condition = (
      aws_vpc_security_group_egress_rule.warehouse.referenced_security_group_id == "sg-0123456789abcdef0" && aws_vpc_security_group_egress_rule.warehouse.security_group_id == "sg-0123456789abcdef1"
      && aws_vpc_security_group_egress_rule.warehouse.from_port == 5439 && aws_vpc_security_group_egress_rule.warehouse.to_port == 5439
      && aws_vpc_security_group_egress_rule.warehouse.cidr_ipv4 == null && aws_vpc_security_group_egress_rule.warehouse.ip_protocol == "tcp"
    )
    error_message = "The connection reaches the warehouse's group on its port, and no address."
  }
  assert {
    condition     = aws_quicksight_vpc_connection.this.security_group_ids == toset(["sg-0123456789abcdef1"]) && aws_quicksight_vpc_connection.this.role_arn == var.role_arn && aws_quicksight_vpc_connection.this.subnet_ids == toset(var.subnet_ids)
    error_message = "QuickSight's interfaces are in the group of this module, made under its role."
  }
  assert {
    condition     = output.security_group_id == "sg-0123456789abcdef1"
    error_message = "The warehouse is told which group to let in."
  }
}

run "source" {
  assert {
    condition = (
      aws_quicksight_data_source.warehouse.type == "REDSHIFT" && aws_quicksight_data_source.warehouse.parameters[0].redshift[0].host == var.workgroup_endpoint
      && aws_quicksight_data_source.warehouse.parameters[0].redshift[0].database == "dpc" && aws_quicksight_data_source.warehouse.ssl_properties[0].disable_ssl == false
      && aws_quicksight_data_source.warehouse.vpc_connection_properties[0].vpc_connection_arn == "arn:aws:quicksight:ap-northeast-1:123456789012:vpcConnection/made"
    )
    error_message = "The source is the warehouse, over the connection, with TLS."
  }
  assert {
    condition     = aws_quicksight_data_source.warehouse.credentials[0].secret_arn == "arn:aws:secretsmanager:ap-northeast-1:123456789012:secret:made-AbCdEf" && length(aws_quicksight_data_source.warehouse.credentials[0].credential_pair) == 0 && aws_secretsmanager_secret.reader.kms_key_id == var.kms_key_arn
    error_message = "User and password stand in a secret under the key, and not here."
  }
}

run "data_sets" {
  assert {
    condition = { for name, each in aws_quicksight_data_set.mart : name => "${each.data_set_id} ${each.import_mode}" } == {
      cost_monthly = "dpc-learning-dev-cost-monthly SPICE"
      fact_stay    = "dpc-learning-dev-fact-stay SPICE"
    }
    error_message = "Every mart is a data set, kept by QuickSight."
  }
  assert {
    condition = [for each in one(aws_quicksight_data_set.mart["fact_stay"].physical_table_map).relational_table[0].input_columns : "${each.name} ${each.type}"] == [
      "admission_date DATETIME", "same_day_no STRING", "emergency_flag BIT", "age_at_admission INTEGER", "mortality_rate DECIMAL", "received_at DATETIME",
    ]
    error_message = "Columns keep their order; types have QuickSight's names."
  }
  assert {
    condition     = alltrue([for name, each in aws_quicksight_data_set.mart : one(each.physical_table_map).relational_table[0].schema == "mart" && one(each.physical_table_map).relational_table[0].name == name])
    error_message = "A data set reads the mart of its name."
  }
  assert {
    condition     = output.data_set_arns.fact_stay == "arn:aws:quicksight:ap-northeast-1:123456789012:dataset/dpc-learning-dev-fact-stay"
    error_message = "The ARNs are those that AWS builds from the ids."
  }
  assert {
    condition     = toset(keys(aws_quicksight_refresh_schedule.daily)) == toset(["cost_monthly", "fact_stay"]) && alltrue([for each in aws_quicksight_refresh_schedule.daily : each.schedule[0].refresh_type == "FULL_REFRESH" && each.schedule[0].schedule_frequency[0].interval == "DAILY" && each.schedule[0].schedule_frequency[0].time_of_the_day == "06:00"])
    error_message = "Every data set is loaded anew once a day, after the run."
  }
}

run "readers" {
  assert {
    condition = alltrue([
      for each in aws_quicksight_data_set.mart : [for permission in each.permissions : permission.principal] == [var.principal_arn]
      && alltrue([for permission in each.permissions : alltrue([for action in permission.actions : can(regex("^quicksight:(Describe|List|Pass)", action))])])
    ])
    error_message = "The group reads the data sets and changes none."
  }
  assert {
    condition     = [for each in aws_quicksight_data_source.warehouse.permission : each.principal] == [var.principal_arn]
    error_message = "The group may use the source."
  }
}

run "nobody" {
  variables {
    principal_arn = null
  }
  assert {
    condition     = alltrue([for each in aws_quicksight_data_set.mart : length(each.permissions) == 0]) && length(aws_quicksight_data_source.warehouse.permission) == 0
    error_message = "Without a group nobody is given anything."
  }
  expect_failures = [check.readers]
}

run "refuses" {
  command = plan
  variables {
    environment   = "qa"
    account_id    = "1"
    subnet_ids    = ["subnet-0123456789abcdef0"]
    principal_arn = "analysts"
    refresh_time  = "6 o'clock"
    columns       = { fact_stay = [{ name = "a", type = "decimal(9,2)" }] }
  }
  expect_failures = [var.environment, var.account_id, var.subnet_ids, var.principal_arn, var.refresh_time, var.columns]
}
