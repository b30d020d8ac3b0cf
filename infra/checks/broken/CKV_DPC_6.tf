resource "aws_redshiftserverless_workgroup" "broken" {
  namespace_name = "dpc"
  workgroup_name = "dpc"
  max_capacity   = 16
}

resource "aws_redshiftserverless_workgroup" "sound" {
  namespace_name = "dpc"
  workgroup_name = "dpc"
  base_capacity  = 8
  max_capacity   = 16
}
