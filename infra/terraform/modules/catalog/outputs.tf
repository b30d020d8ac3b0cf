output "database_name" {
  description = "Database that Athena queries: a partition for each month."
  value       = aws_glue_catalog_database.this["athena"].name
}

output "warehouse_database_name" {
  description = "Database of Redshift's external schema: the same tables without partitions. It is the manifest's hole catalog_database."
  value       = aws_glue_catalog_database.this["warehouse"].name
}

output "warehouse_catalog_arns" {
  description = "What a role needs glue:GetDatabase, GetTable and GetTables on to read the warehouse's database. AWS builds these ARNs from names."
  value = [
    for path in ["catalog", "database/${local.readers.warehouse.database}", "table/${local.readers.warehouse.database}/*"] :
    "arn:aws:glue:${var.region}:${var.account_id}:${path}"
  ]
}

output "table_names" {
  description = "Tables of each of the two databases."
  value       = sort(keys(local.datasets))
}

output "columns" {
  description = "Columns of each table in order, as name and type in Glue's words; QuickSight's data sets are made of them."
  value       = { for name, each in local.datasets : name => [for column in each.columns : { name = column.name, type = column.type }] }
}
