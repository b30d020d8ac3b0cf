resource "aws_redshiftserverless_namespace" "broken" {
  namespace_name      = "dpc"
  admin_username      = "admin"
  admin_user_password = "Typed-1-password"
}

resource "aws_redshiftserverless_namespace" "sound" {
  namespace_name        = "dpc"
  admin_username        = "dpc_owner"
  manage_admin_password = true
  log_exports           = ["userlog", "connectionlog", "useractivitylog"]
}
