output "kms_key_arn" {
  description = "ARN of the key that everything is encrypted with."
  value       = aws_kms_key.this.arn
}

output "data_bucket" {
  description = "Name of the lake's bucket."
  value       = aws_s3_bucket.data.bucket
}

output "data_bucket_arn" {
  description = "ARN of the lake's bucket, from its name."
  value       = local.data_arn
}

output "trail_bucket" {
  description = "Name of the trail's bucket."
  value       = aws_s3_bucket.trail.bucket
}

output "trail_arn" {
  description = "ARN of the trail."
  value       = aws_cloudtrail.this.arn
}

output "slack_secret_arn" {
  description = "ARN of the secret for the Slack webhook; it has no value until somebody puts it in."
  value       = aws_secretsmanager_secret.this["slack-webhook"].arn
}

output "id_key_secret_arn" {
  description = "ARN of the secret for the key of the patients' ids; it has no value until somebody puts it in."
  value       = aws_secretsmanager_secret.this["id-key"].arn
}
