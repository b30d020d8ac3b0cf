output "security_group_id" {
  description = "Security group of the connection, which the warehouse lets in."
  value       = aws_security_group.this.id
}

output "secret_arn" {
  description = "Secret that the reader's user and password are put into by hand; it is made without a value. QuickSight's own role for secrets has to be granted it in QuickSight's console."
  value       = aws_secretsmanager_secret.reader.arn
}

output "data_set_arns" {
  description = "ARNs of the data sets, by mart; AWS builds them from their ids."
  value       = { for name, each in aws_quicksight_data_set.mart : name => "arn:aws:quicksight:${var.region}:${var.account_id}:dataset/${each.data_set_id}" }
}
