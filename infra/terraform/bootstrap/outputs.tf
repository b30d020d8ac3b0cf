output "state_bucket" {
  description = "Bucket of the roots' states."
  value       = aws_s3_bucket.state.bucket
}

output "lock_table" {
  description = "Table of the states' locks."
  value       = aws_dynamodb_table.lock.name
}

output "workflow_role_arns" {
  description = "Roles for the workflows: `plan` is the repository's variable AWS_PLAN_ROLE, `deploy` each environment's AWS_DEPLOY_ROLE."
  value       = { for name, role in aws_iam_role.workflow : name => role.arn }
}
