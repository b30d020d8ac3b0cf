# What the tables say, over the committed columns.

mock_provider "aws" {}

variables {
  environment = "dev"
  region      = "ap-northeast-1"
  account_id  = "123456789012"
  data_bucket = "dpc-learning-data-dev"
}

run "names" {
  assert {
    condition     = aws_glue_catalog_database.this["athena"].name == "dpc_learning_dev" && aws_glue_catalog_database.this["warehouse"].name == "dpc_learning_dev_warehouse"
    error_message = "The databases are called dpc_learning_<environment> and the same with _warehouse."
  }
  assert {
    condition = output.warehouse_catalog_arns == [
      "arn:aws:glue:ap-northeast-1:123456789012:catalog",
      "arn:aws:glue:ap-northeast-1:123456789012:database/dpc_learning_dev_warehouse",
      "arn:aws:glue:ap-northeast-1:123456789012:table/dpc_learning_dev_warehouse/*",
    ]
    error_message = "A reader's policy names the one database and its tables."
  }
}

run "names_with_a_suffix" {
  variables {
    name_suffix = "-second"
  }
  assert {
    condition     = aws_glue_catalog_database.this["athena"].name == "dpc_learning_second_dev"
    error_message = "A database takes no hyphen."
  }
}

run "tables" {
  assert {
    condition = keys(aws_glue_catalog_table.this) == [
      "athena/cost_monthly", "athena/dpc_monthly", "athena/facility_monthly", "athena/fact_stay", "athena/submission_board",
      "warehouse/cost_monthly", "warehouse/dpc_monthly", "warehouse/facility_monthly", "warehouse/fact_stay", "warehouse/submission_board",
    ]
    error_message = "Both databases have a table for each exported dataset."
  }
  assert {
    condition     = alltrue([for key, table in aws_glue_catalog_table.this : table.database_name == (startswith(key, "athena/") ? "dpc_learning_dev" : "dpc_learning_dev_warehouse") && table.name == split("/", key)[1]])
    error_message = "A table is called like its dataset, in its reader's database."
  }
  assert {
    condition = alltrue([
      for key, table in aws_glue_catalog_table.this : table.storage_descriptor[0].location == "s3://dpc-learning-data-dev/processed/${split("/", key)[1]}/"
      && endswith(table.storage_descriptor[0].ser_de_info[0].serialization_library, "ParquetHiveSerDe")
      && table.table_type == "EXTERNAL_TABLE" && table.description != ""
    ])
    error_message = "A table is external, Parquet, over the folder that the export writes."
  }
  assert {
    condition = alltrue([for key in ["athena/cost_monthly", "warehouse/cost_monthly"] :
      [for each in aws_glue_catalog_table.this[key].storage_descriptor[0].columns : "${each.name} ${each.type}"] == ["facility_code string", "yyyymm string", "data_category string", "lines bigint", "ffs_points bigint", "drug_points bigint", "material_points bigint"]
    ])
    error_message = "Columns come in the order of the Parquet files, under Glue's names of types."
  }
  assert {
    condition     = alltrue(flatten([for table in aws_glue_catalog_table.this : [for column in table.storage_descriptor[0].columns : length(column.comment) > 4]]))
    error_message = "Every column has words in Japanese and English."
  }
  assert {
    condition     = [for each in output.columns["cost_monthly"] : each.name] == [for each in aws_glue_catalog_table.this["athena/cost_monthly"].storage_descriptor[0].columns : each.name]
    error_message = "The output says what the tables say."
  }
}

run "months_without_a_call" {
  assert {
    condition = alltrue([
      for key, table in aws_glue_catalog_table.this : table.partition_keys[0].name == "month" && length(table.partition_keys) == 1
      && table.parameters["projection.enabled"] == "true" && table.parameters["projection.month.type"] == "date"
      && table.parameters["projection.month.format"] == "yyyy-MM" && table.parameters["projection.month.range"] == "2025-04,NOW"
      && table.parameters["projection.month.interval"] == "1" && table.parameters["projection.month.interval.unit"] == "MONTHS"
      if startswith(key, "athena/")
    ])
    error_message = "Athena works the months out by itself."
  }
  assert {
    condition = alltrue([
      for key, table in aws_glue_catalog_table.this : length(table.partition_keys) == 0 && !contains(keys(table.parameters), "projection.enabled")
      if startswith(key, "warehouse/")
    ])
    error_message = "Redshift knows no projection: its tables have no partitions, or they would have no rows."
  }
}

run "refuses" {
  command = plan
  variables {
    environment = "qa"
    account_id  = "1234"
    name_suffix = "-Dev"
    data_bucket = "s3://dpc-learning-data-dev"
    first_month = "2025-13"
  }
  expect_failures = [var.environment, var.account_id, var.name_suffix, var.data_bucket, var.first_month]
}
