# Given outside, because they belong to the operator and not to the code (TF_VAR_account_id and so on):
# account_id, upload_cidrs, notification_emails, dbt_image_digest.
environment      = "prod"
schedule_enabled = true
