resource "aws_redshiftserverless_workgroup" "broken" {
  namespace_name      = "dpc"
  workgroup_name      = "dpc"
  publicly_accessible = true
}

resource "aws_redshiftserverless_workgroup" "sound" {
  namespace_name      = "dpc"
  workgroup_name      = "dpc"
  publicly_accessible = false
}
