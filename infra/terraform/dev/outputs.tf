output "data_bucket" {
  description = "Bucket of the lake: raw, stage, processed, archive, logs and ref."
  value       = module.foundation.data_bucket
}

output "ecr_repository_url" {
  description = "Where the dbt image is pushed to."
  value       = module.pipeline.ecr_repository_url
}

output "machine_arns" {
  description = "ARNs of the state machines, by their names in the manifest; `dpc aws start` takes the machine's."
  value       = module.pipeline.machine_arns
}

output "function_names" {
  description = "Names of the functions in AWS, by their names in the manifest."
  value       = module.pipeline.function_names
}

output "topic_arn" {
  description = "Topic of alarms and news of runs."
  value       = module.pipeline.topic_arn
}

output "workgroup_name" {
  description = "Workgroup of the warehouse."
  value       = module.redshift.workgroup_name
}

output "slack_secret_arn" {
  description = "Secret that the address of the Slack webhook is put into by hand; it is made without a value."
  value       = module.foundation.slack_secret_arn
}

output "id_key_secret_arn" {
  description = "Secret that the HMAC key of raw.kn is put into by hand; it is made without a value."
  value       = module.foundation.id_key_secret_arn
}
