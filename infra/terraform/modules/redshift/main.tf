locals {
  name     = "dpc-learning-${var.environment}${var.name_suffix}"
  database = "dpc"

  # What goes into the logs, and limits of a single query, for everybody: what a month needs stays far below them, a
  # forgotten join condition does not. What ad-hoc users may do on top of this is SQL (ALTER USER), because there are no
  # queues to configure here.
  parameters = {
    enable_user_activity_logging   = "true"
    max_query_execution_time       = tostring(var.max_query_seconds)
    max_query_queue_time           = "1800"        # seconds
    max_query_temp_blocks_to_disk  = "102400"      # MB
    max_join_row_count             = "10000000000" # rows of one join step
    max_nested_loop_join_row_count = "1000000000"  # rows; such a join is mostly a mistake
  }
}

# Redshift makes these groups itself where they are missing: such that nothing encrypts and nothing expires.
resource "aws_cloudwatch_log_group" "audit" {
  for_each = toset(["connectionlog", "useractivitylog", "userlog"])

  name              = "/aws/redshift/${local.name}/${each.key}"
  retention_in_days = var.log_retention_days
  kms_key_id        = var.kms_key_arn
}

resource "aws_redshiftserverless_namespace" "this" {
  namespace_name = local.name
  db_name        = local.database
  kms_key_id     = var.kms_key_arn

  # Nobody knows the password: the service makes it, keeps it in Secrets Manager and rotates it. Everybody else is an
  # IAM role over the Data API.
  admin_username                   = "dpc_owner"
  manage_admin_password            = true
  admin_password_secret_kms_key_id = var.kms_key_arn

  # COPY, UNLOAD and the external schema say `IAM_ROLE default`.
  iam_roles            = [var.copy_role_arn]
  default_iam_role_arn = var.copy_role_arn

  log_exports = ["connectionlog", "useractivitylog", "userlog"]

  depends_on = [aws_cloudwatch_log_group.audit]
}

resource "aws_redshiftserverless_workgroup" "this" {
  namespace_name = aws_redshiftserverless_namespace.this.namespace_name
  workgroup_name = local.name

  base_capacity = var.base_rpu # left out it would be 128
  max_capacity  = var.max_rpu

  publicly_accessible = false
  subnet_ids          = local.subnet_ids
  security_group_ids  = [aws_security_group.this.id]

  # With it, COPY and UNLOAD would go through these subnets, where a workgroup without a public address reaches S3 only
  # over a NAT or an endpoint: there is neither. Without it they go over AWS's own network, under TLS, as the copy role
  # and nobody else; it also saves the third availability zone.
  enhanced_vpc_routing = false

  config_parameter {
    parameter_key   = "require_ssl"
    parameter_value = "true"
  }

  dynamic "config_parameter" {
    for_each = local.parameters

    content {
      parameter_key   = config_parameter.key
      parameter_value = config_parameter.value
    }
  }

  lifecycle {
    # The service answers with parameters that this provider's list of keys does not know, and every plan would try in
    # vain to take them away. So they are written once, and the postcondition looks at what is in force.
    ignore_changes = [config_parameter]

    precondition {
      condition     = length(local.subnet_ids) >= 2
      error_message = "The warehouse needs subnets in two availability zones at least (three with enhanced VPC routing, which it does not use), found ${length(local.subnet_ids)}: ${join(", ", local.subnet_ids)}. Restore the default subnets (aws ec2 create-default-subnet), or set vpc_id and subnet_ids."
    }

    postcondition {
      condition = alltrue([
        for key, value in merge(local.parameters, { require_ssl = "true" }) :
        contains([for each in self.config_parameter : each.parameter_value if each.parameter_key == key], value)
      ])
      error_message = "The workgroup ${self.workgroup_name} does not run with the parameters that the module asks for: expected require_ssl=true, ${join(", ", [for key, value in local.parameters : "${key}=${value}"])}, found ${join(", ", [for each in self.config_parameter : "${each.parameter_key}=${each.parameter_value}"])}. Terraform writes them only when it makes the workgroup; set them with `aws redshift-serverless update-workgroup --workgroup-name ${self.workgroup_name} --config-parameters parameterKey=KEY,parameterValue=VALUE ...`, then plan again."
    }
  }
}
