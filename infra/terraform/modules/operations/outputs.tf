output "dashboard_name" {
  description = "Name of the dashboard."
  value       = aws_cloudwatch_dashboard.this.dashboard_name
}

output "alarm_names" {
  description = "Alarms of this module; those of the usage limits are made beside the limits."
  value       = sort(local.alarms)
}

output "budget_name" {
  description = "Name of the monthly budget."
  value       = aws_budgets_budget.monthly.name
}

output "metric_namespace" {
  description = "Namespace of the metrics that are counted in logs."
  value       = local.namespace
}
