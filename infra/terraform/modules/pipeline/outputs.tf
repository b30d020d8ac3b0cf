output "function_names" {
  description = "Names of the Lambda functions in AWS, by their names in the manifest."
  value       = { for name, function in aws_lambda_function.this : name => function.function_name }
}

output "machine_arns" {
  description = "ARNs of the state machines, by their names in the manifest."
  value       = { for name, machine in aws_sfn_state_machine.this : name => machine.arn }
}

output "topic_arn" {
  description = "ARN of the topic that alarms and news of runs go to."
  value       = aws_sns_topic.notifications.arn
}

output "ecr_repository_url" {
  description = "Address of the repository that the dbt image is pushed to."
  value       = aws_ecr_repository.dbt.repository_url
}

output "cluster_arn" {
  description = "ARN of the ECS cluster."
  value       = aws_ecs_cluster.this.arn
}

output "task_definition_arn" {
  description = "ARN of the dbt task definition, with its revision."
  value       = aws_ecs_task_definition.dbt.arn
}

output "security_group_id" {
  description = "Security group of the dbt task."
  value       = aws_security_group.dbt.id
}

output "dlq_arn" {
  description = "ARN of the queue of what could not be delivered."
  value       = aws_sqs_queue.undelivered.arn
}

output "dlq_name" {
  description = "Name of the queue of what could not be delivered."
  value       = aws_sqs_queue.undelivered.name
}

output "log_group_names" {
  description = "Log groups by what writes to them: each function, each machine, and dbt."
  value = merge(
    { for name, group in aws_cloudwatch_log_group.function : name => group.name },
    { for name, group in aws_cloudwatch_log_group.machine : name => group.name },
    { dbt = aws_cloudwatch_log_group.dbt.name },
  )
}

output "schedule_name" {
  description = "Name of the daily schedule."
  value       = aws_scheduler_schedule.daily.name
}
