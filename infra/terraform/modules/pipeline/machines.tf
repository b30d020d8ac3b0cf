# Log delivery of Step Functions wants the prefix: the account-wide resource policy of vended logs covers it.
resource "aws_cloudwatch_log_group" "machine" {
  for_each = local.machines

  name              = "/aws/vendedlogs/states/${each.key}${var.name_suffix}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

resource "aws_sfn_state_machine" "this" {
  for_each = local.machines

  name     = "${each.key}${var.name_suffix}"
  type     = "STANDARD"
  role_arn = var.role_arns["machine"]

  definition = templatefile("${var.generated_dir}/${each.value.file}", local.machine_holes)

  # With the data: it is control data only (months, keys, counts; the runtime refuses rows), Step Functions itself
  # forgets it after 90 days, and who ran what with which input is asked later than that.
  logging_configuration {
    level                  = "ALL"
    include_execution_data = true
    log_destination        = "${aws_cloudwatch_log_group.machine[each.key].arn}:*"
  }

  tracing_configuration {
    enabled = true
  }

  encryption_configuration {
    type                              = "CUSTOMER_MANAGED_KMS_KEY"
    kms_key_id                        = var.kms_key_arn
    kms_data_key_reuse_period_seconds = 300
  }

  lifecycle {
    precondition {
      condition     = filesha256("${var.generated_dir}/${each.value.file}") == each.value.sha256
      error_message = "Machine ${each.key}: ${each.value.file} is not the file that the manifest beside it describes (expected SHA-256 ${each.value.sha256}). Run `make compile`, then plan again."
    }
  }
}
