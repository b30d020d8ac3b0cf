output "workgroup_name" {
  description = "Name of the workgroup, which the Data API is given."
  value       = aws_redshiftserverless_workgroup.this.workgroup_name
}

output "workgroup_arn" {
  description = "ARN of the workgroup. It holds an id that AWS makes, so policies that name it are known after the first apply."
  value       = aws_redshiftserverless_workgroup.this.arn
}

output "namespace_name" {
  description = "Name of the namespace."
  value       = aws_redshiftserverless_namespace.this.namespace_name
}

output "namespace_arn" {
  description = "ARN of the namespace."
  value       = aws_redshiftserverless_namespace.this.arn
}

output "database" {
  description = "Database of the namespace."
  value       = local.database
}

output "workgroup_endpoint" {
  description = "Host of the workgroup inside the VPC, for QuickSight; null until it is there."
  value       = one(aws_redshiftserverless_workgroup.this.endpoint[*].address)
}

output "admin_secret_arn" {
  description = "Secret that the service keeps the administrator's password in. No value of it comes into the state."
  value       = aws_redshiftserverless_namespace.this.admin_password_secret_arn
}

output "security_group_id" {
  description = "Security group of the workgroup."
  value       = aws_security_group.this.id
}

output "vpc_id" {
  description = "VPC of the workgroup."
  value       = local.vpc_id
}

output "subnet_ids" {
  description = "Subnets of the workgroup."
  value       = local.subnet_ids
}

output "log_group_names" {
  description = "Log groups of the audit logs."
  value       = sort([for group in aws_cloudwatch_log_group.audit : group.name])
}

output "alarm_names" {
  description = "Alarms of the usage limits."
  value       = sort([for alarm in aws_cloudwatch_metric_alarm.compute : alarm.alarm_name])
}
