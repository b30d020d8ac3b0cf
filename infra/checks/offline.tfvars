# What stands in for AWS when a root is planned by infra-check: no call is made, all of it is made up.
offline                  = true
account_id               = "123456789012"
vpc_id                   = "vpc-0123456789abcdef0"
subnet_ids               = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1", "subnet-0123456789abcdef2"]
upload_cidrs             = ["203.0.113.0/24"]
notification_emails      = ["somebody@example.org"]
dbt_image_digest         = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
quicksight_principal_arn = "arn:aws:quicksight:ap-northeast-1:123456789012:group/default/analysts"
