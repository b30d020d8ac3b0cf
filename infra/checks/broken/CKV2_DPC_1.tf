resource "aws_redshiftserverless_workgroup" "broken" {
  namespace_name = "dpc"
  workgroup_name = "unlimited"
}

resource "aws_redshiftserverless_workgroup" "sound" {
  namespace_name = "dpc"
  workgroup_name = "limited"
}

resource "aws_redshiftserverless_usage_limit" "sound" {
  resource_arn  = aws_redshiftserverless_workgroup.sound.arn
  usage_type    = "serverless-compute"
  amount        = 60
  breach_action = "deactivate"
}
