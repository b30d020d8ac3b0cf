output "role_arns" {
  description = "ARNs of the roles, when their policies are there: lambda, machine, container, execution, scheduler, analyst, copy, and quicksight where it is enabled. The warehouse takes copy_role_arn instead, on which nothing of the others depends."
  value = merge(
    { for name, role in aws_iam_role.this : name => role.arn },
    { copy = aws_iam_role.copy.arn },
    { for role in aws_iam_role.quicksight : "quicksight" => role.arn },
  )

  # AWS looks at a role when it makes what has it: a machine whose role may not deliver logs yet is refused.
  depends_on = [
    aws_iam_role_policy.compiled,
    aws_iam_role_policy.deployment,
    aws_iam_role_policy.copy,
    aws_iam_role_policy.quicksight,
  ]
}

output "copy_role_arn" {
  description = "Role of COPY and UNLOAD, for the warehouse's namespace. It does not wait for the role's policy, which may be told the bucket beside things of the warehouse."
  value       = aws_iam_role.copy.arn
}

output "role_names" {
  description = "Names of the roles, by the keys of role_arns. The database user of a role is IAMR: and its name."
  value = merge(
    local.names,
    { copy = local.copy_name },
    var.enable_quicksight ? { quicksight = local.quicksight_name } : {},
  )
}

output "policies" {
  description = "Every policy as JSON, by role and name, such as lambda/compiled."
  value = merge(
    { for role, each in aws_iam_role_policy.compiled : "${role}/${each.name}" => each.policy },
    { for role, each in aws_iam_role_policy.deployment : "${role}/${each.name}" => each.policy },
    { "copy/${aws_iam_role_policy.copy.name}" = aws_iam_role_policy.copy.policy },
    { for each in aws_iam_role_policy.quicksight : "quicksight/${each.name}" => each.policy },
  )
}
