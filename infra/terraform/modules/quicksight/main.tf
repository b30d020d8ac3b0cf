locals {
  name = "dpc-learning${var.name_suffix}-${var.environment}"

  # Glue's words -> QuickSight's.
  types = {
    bigint    = "INTEGER"
    boolean   = "BIT"
    date      = "DATETIME"
    double    = "DECIMAL"
    int       = "INTEGER"
    string    = "STRING"
    timestamp = "DATETIME"
  }

  readers = var.principal_arn == null ? [] : [var.principal_arn]
}

# Nothing comes in: this is where calls start. Answers need no rule, as in any other group.
resource "aws_security_group" "this" {
  #checkov:skip=CKV2_AWS_5:It is attached to QuickSight's network interfaces, which the connection below makes
  name        = "dpc-learning-quicksight${var.name_suffix}-${var.environment}"
  description = "QuickSight's connection: reaches the warehouse and nothing else"
  vpc_id      = var.vpc_id

  tags = { Name = "dpc-learning-quicksight${var.name_suffix}-${var.environment}" }
}

resource "aws_vpc_security_group_egress_rule" "warehouse" {
  security_group_id            = aws_security_group.this.id
  description                  = "The warehouse"
  ip_protocol                  = "tcp"
  from_port                    = 5439
  to_port                      = 5439
  referenced_security_group_id = var.redshift_security_group_id
}

resource "aws_quicksight_vpc_connection" "this" {
  aws_account_id     = var.account_id
  vpc_connection_id  = local.name
  name               = local.name
  role_arn           = var.role_arn
  security_group_ids = [aws_security_group.this.id]
  subnet_ids         = var.subnet_ids

  depends_on = [aws_vpc_security_group_egress_rule.warehouse]
}

# A person puts {"username": ..., "password": ...} of a user that may read the schema mart: QuickSight speaks no Data API,
# so it needs a user with a password. Neither comes into the state.
resource "aws_secretsmanager_secret" "reader" {
  #checkov:skip=CKV2_AWS_57:The password is set in the warehouse by SQL, which a rotation function would need a way into the VPC for; the runbook says how to change it
  name        = "dpc-learning-quicksight${var.name_suffix}-${var.environment}"
  description = "User and password that QuickSight reads the marts with, as JSON with username and password"
  kms_key_id  = var.kms_key_arn
}

resource "aws_quicksight_data_source" "warehouse" {
  aws_account_id = var.account_id
  data_source_id = local.name
  name           = local.name
  type           = "REDSHIFT"

  parameters {
    redshift {
      host     = var.workgroup_endpoint
      port     = 5439
      database = var.database
    }
  }

  credentials {
    secret_arn = aws_secretsmanager_secret.reader.arn
  }

  ssl_properties {
    disable_ssl = false
  }

  vpc_connection_properties {
    vpc_connection_arn = aws_quicksight_vpc_connection.this.arn
  }

  dynamic "permission" {
    for_each = local.readers

    content {
      principal = permission.value
      actions   = ["quicksight:DescribeDataSource", "quicksight:DescribeDataSourcePermissions", "quicksight:PassDataSource"]
    }
  }
}

# In SPICE, QuickSight's own memory: asked directly, an open dashboard would keep the warehouse awake and paid for, and
# the marts change once a day at most.
resource "aws_quicksight_data_set" "mart" {
  for_each = var.columns

  aws_account_id = var.account_id
  data_set_id    = "${local.name}-${replace(each.key, "_", "-")}"
  name           = "${each.key} (${var.environment})"
  import_mode    = "SPICE"

  physical_table_map {
    physical_table_map_id = "mart"

    relational_table {
      data_source_arn = aws_quicksight_data_source.warehouse.arn
      schema          = "mart"
      name            = each.key

      dynamic "input_columns" {
        for_each = each.value

        content {
          name = input_columns.value.name
          type = local.types[input_columns.value.type]
        }
      }
    }
  }

  dynamic "permissions" {
    for_each = local.readers

    content {
      principal = permissions.value
      actions = [
        "quicksight:DescribeDataSet",
        "quicksight:DescribeDataSetPermissions",
        "quicksight:DescribeIngestion",
        "quicksight:ListIngestions",
        "quicksight:PassDataSet",
      ]
    }
  }
}

resource "aws_quicksight_refresh_schedule" "daily" {
  for_each = aws_quicksight_data_set.mart

  aws_account_id = var.account_id
  data_set_id    = each.value.data_set_id
  schedule_id    = "daily"

  schedule {
    refresh_type = "FULL_REFRESH"

    schedule_frequency {
      interval        = "DAILY"
      time_of_the_day = var.refresh_time
      timezone        = var.refresh_timezone
    }
  }
}

check "readers" {
  assert {
    condition     = var.principal_arn != null
    error_message = "principal_arn is null: nobody but QuickSight's administrators sees the data sets. Give a group: aws quicksight list-groups --aws-account-id ${var.account_id} --namespace default."
  }
}
