# What the compiler emits, and the names and values that it left open.
locals {
  manifest = jsondecode(file("${var.generated_dir}/manifest.json"))

  functions  = local.manifest.functions
  machines   = local.manifest.machines
  layers     = local.manifest.layers
  containers = local.manifest.containers
  schedule   = local.manifest.schedule

  # The manifest names the role of a function; role_arns has it by what the manifest keys it by.
  role_keys = { for key, role in local.manifest.roles : role.name => key }

  # One container image serves every container of the pipeline.
  container = one(distinct([for each in values(local.containers) : each.container]))

  dbt       = "dpc-learning-dbt-${var.environment}"
  workspace = "/work"

  # The function that tells people about executions that failed. EventBridge calls it, so nobody waits for its answer:
  # what it cannot do has to be kept for somebody to look at.
  notice       = "dpc-notice"
  asynchronous = { for name, each in local.functions : name => each if name == local.notice }

  # Holes look like templates of Terraform's, and IAM's own variables (aws:userid and its like) look like holes: their
  # dollar is doubled, which is how a template says that it means a dollar.
  environments_template = replace(jsonencode({ for name, each in local.functions : name => each.env }), "/\\$(\\{aws:)/", "$$$$$1")
  environments          = jsondecode(templatestring(local.environments_template, var.holes))

  container_env_template = jsonencode(merge([for each in values(local.containers) : each.env]...))
  container_env          = jsondecode(templatestring(local.container_env_template, var.holes))

  # Machines name things by their resources where they are made here, so that a machine appears after all that it calls,
  # and so that AWS is asked to check a definition at plan time only when what it names is there.
  machine_holes = merge(
    var.holes,
    {
      dbt_task_definition_arn = aws_ecs_task_definition.dbt.arn
      ecs_cluster_arn         = aws_ecs_cluster.this.arn
      security_group_ids      = aws_security_group.dbt.id
      subnet_ids              = join(",", var.subnet_ids)
    },
    { for name, each in local.functions : each.hole => aws_lambda_function.this[name].arn },
  )

  timezones = split("\n", trimspace(file("${path.module}/timezones.txt")))
}
