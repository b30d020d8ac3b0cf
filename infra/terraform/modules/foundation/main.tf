# Names. ARNs that AWS builds from names are built here, so that policies can be read in a plan.
locals {
  data_bucket  = "dpc-learning-data-${var.environment}${var.name_suffix}"
  trail_bucket = "dpc-learning-trail-${var.environment}${var.name_suffix}"
  data_arn     = "arn:aws:s3:::${local.data_bucket}"
  trail_arn    = "arn:aws:s3:::${local.trail_bucket}"

  trail       = "dpc-learning-${var.environment}${var.name_suffix}"
  trail_names = "arn:aws:cloudtrail:${var.region}:${var.account_id}:trail/${local.trail}"
  trail_group = "/aws/cloudtrail/dpc-learning-${var.environment}${var.name_suffix}"
  trail_logs  = "arn:aws:logs:${var.region}:${var.account_id}:log-group:${local.trail_group}"

  # Written once, denied everywhere.
  tls_only = {
    for name, arn in { data = local.data_arn, trail = local.trail_arn } : name => {
      Sid                   = "TlsOnly"
      Effect                = "Deny"
      Principal             = "*"
      Action                = "s3:*"
      Resource              = [arn, "${arn}/*"]
      Condition             = { Bool = { "aws:SecureTransport" = "false" } }
    }
  }
}
