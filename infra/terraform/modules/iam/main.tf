# Names, and what the compiler says.
locals {
  manifest = jsondecode(file("${var.generated_dir}/manifest.json"))
  compiled = local.manifest.roles

  # Roles that functions have of their own: the manifest keys them by their names.
  own = {
    for key, role in local.compiled : key => role if !contains(["container", "lambda", "machine", "schedule"], key)
  }

  # Which functions have a role: every function that has none of its own shares one.
  functions_of = {
    for key in concat(["lambda"], keys(local.own)) :
    key => sort([for name, each in local.manifest.functions : name if each.role == local.compiled[key].name])
  }

  # The fixed names. Those of the compiled roles come from the manifest; all get the suffix.
  names = merge({ for key, role in local.own : key => "${role.name}${var.name_suffix}" }, {
    lambda    = "${local.compiled.lambda.name}${var.name_suffix}"
    machine   = "${local.compiled.machine.name}${var.name_suffix}"
    container = "${local.compiled.container.name}${var.name_suffix}"
    scheduler = "${local.compiled.schedule.name}${var.name_suffix}"
    execution = "role-dbt-execution${var.name_suffix}"
    analyst   = "role-analyst-dpc${var.name_suffix}"
  })
  copy_name       = "role-redshift-copy${var.name_suffix}"
  quicksight_name = "role-quicksight-dpc${var.name_suffix}"

  # ARNs from names: a policy can be read in a plan, before what it names is there.
  machine_arns = [
    for name in sort(keys(local.manifest.machines)) :
    "arn:aws:states:${var.region}:${var.account_id}:stateMachine:${name}${var.name_suffix}"
  ]
  function_log_arns = {
    for key, names in local.functions_of : key => [
      for name in names : "arn:aws:logs:${var.region}:${var.account_id}:log-group:/aws/lambda/${name}${var.name_suffix}:*"
    ]
  }
  dbt            = "dpc-learning-dbt-${var.environment}"
  dbt_log_arn    = "arn:aws:logs:${var.region}:${var.account_id}:log-group:/ecs/${local.dbt}:*"
  repository_arn = "arn:aws:ecr:${var.region}:${var.account_id}:repository/${local.dbt}"
  schedule_arn   = "arn:aws:scheduler:${var.region}:${var.account_id}:schedule/default/dpc-learning-daily-${var.environment}"
}

resource "aws_iam_role" "this" {
  for_each = local.names

  name               = each.value
  description        = lookup(local.descriptions, each.key, join(", ", lookup(local.functions_of, each.key, [])))
  assume_role_policy = lookup(local.trust, each.key, local.trust["lambda"])
}

# By itself, and without anything that the warehouse makes: the namespace names this role, and policies of the other
# roles name the workgroup.
resource "aws_iam_role" "copy" {
  name               = local.copy_name
  description        = "COPY, UNLOAD and the external schema of the warehouse"
  assume_role_policy = local.copy_trust
}

resource "aws_iam_role_policy" "copy" {
  name   = "lake"
  role   = aws_iam_role.copy.name
  policy = local.copy_policy
}

resource "aws_iam_role" "quicksight" {
  count = var.enable_quicksight ? 1 : 0

  name               = local.quicksight_name
  description        = "QuickSight's VPC connection to the warehouse"
  assume_role_policy = local.quicksight_trust
}

resource "aws_iam_role_policy" "quicksight" {
  count = var.enable_quicksight ? 1 : 0

  name   = "connection"
  role   = aws_iam_role.quicksight[0].name
  policy = local.quicksight_policy
}

# What the steps need, as the compiler gathered it from them.
resource "aws_iam_role_policy" "compiled" {
  for_each = local.compiled_policies

  name   = "compiled"
  role   = aws_iam_role.this[each.key].name
  policy = each.value

  lifecycle {
    precondition {
      condition     = local.sizes[each.key] <= 10240
      error_message = "Role ${local.names[each.key]}: expected inline policies of at most 10,240 characters together (IAM's limit), found ${local.sizes[each.key]}. Let the steps ask for fewer and shorter resources, or let the compiler widen them."
    }
  }
}

# What the services need that run them, and roles that no step has.
resource "aws_iam_role_policy" "deployment" {
  for_each = local.deployment_policies

  name   = "deployment"
  role   = aws_iam_role.this[each.key].name
  policy = each.value

  lifecycle {
    precondition {
      condition     = local.sizes[each.key] <= 10240
      error_message = "Role ${local.names[each.key]}: expected inline policies of at most 10,240 characters together (IAM's limit), found ${local.sizes[each.key]}. Let the steps ask for fewer and shorter resources, or let the compiler widen them."
    }
  }
}
