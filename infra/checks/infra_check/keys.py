"""Which resource types take a customer managed key, and where they name it. checkov's rule and the plan's read this."""

KEYS: dict[str, tuple[str, ...]] = {
    "aws_cloudtrail": ("kms_key_id",),
    "aws_cloudwatch_log_group": ("kms_key_id",),
    "aws_dynamodb_table": ("server_side_encryption/kms_key_arn",),
    "aws_ecr_repository": ("encryption_configuration/kms_key",),
    "aws_ecs_cluster": ("configuration/managed_storage_configuration/fargate_ephemeral_storage_kms_key_id",),
    "aws_lambda_function": ("kms_key_arn",),
    "aws_redshiftserverless_namespace": ("kms_key_id", "admin_password_secret_kms_key_id"),
    "aws_s3_bucket_server_side_encryption_configuration": (
        "rule/apply_server_side_encryption_by_default/kms_master_key_id",
    ),
    "aws_scheduler_schedule": ("kms_key_arn",),
    "aws_secretsmanager_secret": ("kms_key_id",),
    "aws_sfn_state_machine": ("encryption_configuration/kms_key_id",),
    "aws_sns_topic": ("kms_master_key_id",),
    "aws_sqs_queue": ("kms_master_key_id",),
}
"""Resource type -> where it names its key."""

NO_KEY: dict[str, str] = {
    "aws_redshiftserverless_workgroup": "its namespace holds the data and names the key",
    "aws_s3_bucket": "its encryption is a resource of its own; the arguments here are deprecated",
    "aws_ecs_task_definition": "no volume is encrypted but by the cluster's managed storage",
    "aws_quicksight_data_source": "QuickSight takes a key for the whole account, not for a source",
}
"""Types of the plan whose schema has an argument about a key that is not one that they take here."""
