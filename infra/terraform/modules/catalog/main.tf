# The pipeline writes processed/<dataset>/month=2025-04/*.parquet and tells the catalog nothing: what these tables say
# holds for every month that there will be.
locals {
  # Made from the marts (python -m dpc_assets.local.catalog).
  datasets = jsondecode(file("${path.module}/datasets.json")).datasets

  database = replace("dpc_learning${var.name_suffix}_${var.environment}", "-", "_")

  # Partition projection is Athena's own: to Redshift such a table has no partitions, hence no rows. So the same files are
  # described a second time without partitions, in a database of their own: Redshift reads every folder below the
  # location, and the month is in the column yyyymm.
  readers = {
    athena = {
      database    = local.database
      description = "Exported datasets of the DPC pipeline (${var.environment}), a partition for each month. For Athena."
      partitions  = [{ name = "month", comment = "年月: Month of the folder, such as 2025-04" }]
      parameters = {
        "projection.enabled"             = "true"
        "projection.month.type"          = "date"
        "projection.month.format"        = "yyyy-MM"
        "projection.month.range"         = "${var.first_month},NOW"
        "projection.month.interval"      = "1"
        "projection.month.interval.unit" = "MONTHS"
      }
    }
    warehouse = {
      database    = "${local.database}_warehouse"
      description = "Exported datasets of the DPC pipeline (${var.environment}), all months. For the external schema of Redshift."
      partitions  = []
      parameters  = {}
    }
  }

  tables = merge([
    for reader in keys(local.readers) : { for name in keys(local.datasets) : "${reader}/${name}" => { reader = reader, dataset = name } }
  ]...)
}

resource "aws_glue_catalog_database" "this" {
  for_each = local.readers

  catalog_id  = var.account_id
  name        = each.value.database
  description = each.value.description
}

resource "aws_glue_catalog_table" "this" {
  for_each = local.tables

  catalog_id    = var.account_id
  database_name = aws_glue_catalog_database.this[each.value.reader].name
  name          = each.value.dataset
  description   = local.datasets[each.value.dataset].description
  table_type    = "EXTERNAL_TABLE"

  parameters = merge({ EXTERNAL = "TRUE", classification = "parquet" }, local.readers[each.value.reader].parameters)

  dynamic "partition_keys" {
    for_each = local.readers[each.value.reader].partitions

    content {
      name    = partition_keys.value.name
      type    = "string"
      comment = partition_keys.value.comment
    }
  }

  storage_descriptor {
    location      = "s3://${var.data_bucket}/processed/${each.value.dataset}/"
    input_format  = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetInputFormat"
    output_format = "org.apache.hadoop.hive.ql.io.parquet.MapredParquetOutputFormat"

    ser_de_info {
      serialization_library = "org.apache.hadoop.hive.ql.io.parquet.serde.ParquetHiveSerDe"
      parameters            = { "serialization.format" = "1" }
    }

    dynamic "columns" {
      for_each = local.datasets[each.value.dataset].columns

      content {
        name    = columns.value.name
        type    = columns.value.type
        comment = columns.value.comment
      }
    }
  }
}
