# Policies from the manifest, with its holes filled. Holes look like templates of Terraform's, and IAM's own variables
# (aws:userid and its like) look like holes: their dollar is doubled, which is how a template says that it means a dollar.
locals {
  lambda_template    = replace(jsonencode(local.compiled.lambda.policy), "/\\$(\\{aws:)/", "$$$$$1")
  machine_template   = replace(jsonencode(local.compiled.machine.policy), "/\\$(\\{aws:)/", "$$$$$1")
  container_template = replace(jsonencode(local.compiled.container.policy), "/\\$(\\{aws:)/", "$$$$$1")
  scheduler_template = replace(jsonencode(local.compiled.schedule.policy), "/\\$(\\{aws:)/", "$$$$$1")

  own_template = replace(jsonencode({ for key, role in local.own : key => role.policy }), "/\\$(\\{aws:)/", "$$$$$1")

  own_compiled    = jsondecode(templatestring(local.own_template, var.holes))
  lambda_compiled = jsondecode(templatestring(local.lambda_template, var.holes))

  compiled_policies = merge(local.own_policies, {
    # The compiler knows the functions' log groups by their prefix only; by name they stand in the other policy.
    lambda = jsonencode(merge(local.lambda_compiled, {
      Statement = [for each in local.lambda_compiled.Statement : each if try(each.Sid, "") != "FunctionLogs"]
    }))
    machine   = jsonencode(jsondecode(templatestring(local.machine_template, var.holes)))
    container = jsonencode(jsondecode(templatestring(local.container_template, var.holes)))
    scheduler = jsonencode(jsondecode(templatestring(local.scheduler_template, var.holes)))
  })

  own_policies = {
    for key in keys(local.own) : key => jsonencode(merge(local.own_compiled[key], {
      Statement = [for each in local.own_compiled[key].Statement : each if try(each.Sid, "") != "FunctionLogs"]
    }))
  }

  # IAM counts the inline policies of a role together.
  sizes = {
    for role in keys(local.names) :
    role => length(try(local.compiled_policies[role], "")) + length(try(local.deployment_policies[role], ""))
  }
}
