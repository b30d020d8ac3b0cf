resource "aws_redshiftserverless_workgroup" "broken" {
  namespace_name = "dpc"
  workgroup_name = "dpc"

  config_parameter {
    parameter_key   = "require_ssl"
    parameter_value = "false"
  }
}

resource "aws_redshiftserverless_workgroup" "sound" {
  namespace_name = "dpc"
  workgroup_name = "dpc"

  config_parameter {
    parameter_key   = "require_ssl"
    parameter_value = "true"
  }
}
