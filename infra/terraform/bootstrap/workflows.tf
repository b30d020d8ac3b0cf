# Roles that GitHub's workflows take on with a token of GitHub's own: no key of ours is stored there.
locals {
  # One set of resources where a repository is named, none where not.
  repository = var.github_repository == null ? [] : [var.github_repository]
  issuer     = "token.actions.githubusercontent.com"
  issuer_arn = "arn:aws:iam::${var.account_id}:oidc-provider/${local.issuer}"

  workflow_roles = {
    plan = {
      name        = "role-plan-dpc"
      description = "Workflow of a pull request: reads the account, changes nothing, reads no data"
      subjects    = [for each in local.repository : "repo:${each}:pull_request"]
    }
    deploy = {
      name        = "role-deploy-dpc"
      description = "Workflow of the main branch: applies Terraform"
      subjects    = flatten([for each in local.repository : [for name in sort(var.environments) : "repo:${each}:environment:${name}"]])
    }
  }

  account = "${var.region}:${var.account_id}"

  # The state, for both; the lock only where something may change.
  state_policies = {
    plan = [
      { Sid = "StateReads", Effect = "Allow", Action = ["s3:GetObject", "s3:ListBucket"], Resource = [local.state_arn, "${local.state_arn}/*"] },
      { Sid = "StateKey", Effect = "Allow", Action = ["kms:Decrypt"], Resource = aws_kms_key.state.arn },
      # ReadOnlyAccess reads more than a plan needs: patients' data and secrets are none of its business.
      { Sid = "NoData", Effect = "Deny", Action = ["s3:GetObject*", "secretsmanager:GetSecretValue", "redshift-data:*", "logs:GetLogEvents", "logs:FilterLogEvents", "logs:StartQuery", "states:GetExecutionHistory"], NotResource = [local.state_arn, "${local.state_arn}/*"] },
      { Sid = "PlansAskForIt", Effect = "Allow", Action = "states:ValidateStateMachineDefinition", Resource = "*" },
    ]
    deploy = [
      { Sid = "State", Effect = "Allow", Action = ["s3:DeleteObject", "s3:GetObject", "s3:ListBucket", "s3:PutObject"], Resource = [local.state_arn, "${local.state_arn}/*"] },
      { Sid = "StateKey", Effect = "Allow", Action = ["kms:Decrypt", "kms:GenerateDataKey"], Resource = aws_kms_key.state.arn },
      { Sid = "Lock", Effect = "Allow", Action = ["dynamodb:DeleteItem", "dynamodb:DescribeTable", "dynamodb:GetItem", "dynamodb:PutItem"], Resource = local.lock_arn },
    ]
  }

  # Services of the design, on names of the design where AWS lets a name be asked for.
  deploy_policy = [
    {
      Sid    = "NamedResources"
      Effect = "Allow"
      Action = [
        "budgets:*", "cloudtrail:*", "cloudwatch:*", "ecr:*", "ecs:*", "events:*", "glue:*", "lambda:*", "logs:*", "s3:*",
        "scheduler:*", "secretsmanager:*", "sns:*", "sqs:*", "states:*",
      ]
      Resource = [
        "arn:aws:budgets::${var.account_id}:budget/dpc-learning-*",
        "arn:aws:cloudtrail:${local.account}:trail/dpc-learning-*",
        "arn:aws:cloudwatch::${var.account_id}:dashboard/dpc-learning-*",
        "arn:aws:cloudwatch:${local.account}:alarm:dpc-learning-*",
        "arn:aws:ecr:${local.account}:repository/dpc-learning-*",
        "arn:aws:ecs:${local.account}:cluster/dpc-learning-*",
        "arn:aws:ecs:${local.account}:task-definition/dpc-learning-*",
        "arn:aws:events:${local.account}:rule/dpc-learning-*",
        "arn:aws:glue:${local.account}:catalog",
        "arn:aws:glue:${local.account}:database/dpc_learning*",
        "arn:aws:glue:${local.account}:table/dpc_learning*",
        "arn:aws:lambda:${local.account}:function:dpc-*",
        "arn:aws:lambda:${local.account}:layer:dpc-*",
        "arn:aws:logs:${local.account}:log-group:*dpc-*",
        "arn:aws:s3:::dpc-learning-data-*",
        "arn:aws:s3:::dpc-learning-trail-*",
        "arn:aws:scheduler:${local.account}:schedule/default/dpc-learning-*",
        "arn:aws:secretsmanager:${local.account}:secret:dpc-learning-*",
        "arn:aws:sns:${local.account}:dpc-learning-*",
        "arn:aws:sqs:${local.account}:dpc-learning-*",
        "arn:aws:states:${local.account}:execution:dpc-learning-*",
        "arn:aws:states:${local.account}:stateMachine:dpc-learning-*",
      ]
    },
    {
      Sid    = "ServicesWithoutNames"
      Effect = "Allow"
      Action = [
        "ec2:AuthorizeSecurityGroupEgress", "ec2:AuthorizeSecurityGroupIngress", "ec2:CreateSecurityGroup", "ec2:CreateTags",
        "ec2:DeleteSecurityGroup", "ec2:DeleteTags", "ec2:Describe*", "ec2:ModifySecurityGroupRules",
        "ec2:RevokeSecurityGroupEgress", "ec2:RevokeSecurityGroupIngress",
        "ecr:GetAuthorizationToken", "ecs:DeregisterTaskDefinition", "ecs:DescribeTaskDefinition", "kms:CreateKey", "kms:ListAliases",
        "logs:CreateLogDelivery", "logs:DeleteLogDelivery", "logs:DescribeLogGroups", "logs:DescribeResourcePolicies",
        "logs:GetLogDelivery", "logs:ListLogDeliveries", "logs:PutResourcePolicy", "logs:UpdateLogDelivery",
        "quicksight:*", "redshift-serverless:*", "states:ValidateStateMachineDefinition",
      ]
      Resource = "*"
    },
    {
      Sid      = "Keys"
      Effect   = "Allow"
      Action   = "kms:*"
      Resource = ["arn:aws:kms:${local.account}:key/*", "arn:aws:kms:${local.account}:alias/dpc-learning-*"]
    },
    {
      Sid    = "OwnRoles"
      Effect = "Allow"
      Action = [
        "iam:CreateRole", "iam:DeleteRole", "iam:DeleteRolePolicy", "iam:GetRole", "iam:GetRolePolicy",
        "iam:ListAttachedRolePolicies", "iam:ListInstanceProfilesForRole", "iam:ListRolePolicies", "iam:PassRole",
        "iam:PutRolePolicy", "iam:TagRole", "iam:UntagRole", "iam:UpdateAssumeRolePolicy", "iam:UpdateRole",
        "iam:UpdateRoleDescription",
      ]
      Resource = [
        for each in ["analyst-dpc", "cloudtrail-dpc", "dbt-execution", "dbt-runner", "lambda-dpc", "migrate-dpc", "quicksight-dpc", "redshift-copy", "scheduler-dpc", "stepfunctions-dpc"] :
        "arn:aws:iam::${var.account_id}:role/role-${each}*"
      ]
    },
    {
      # A workflow that could change its own role could give itself everything.
      Sid      = "NotItself"
      Effect   = "Deny"
      Action   = "iam:*"
      Resource = [for each in ["plan", "deploy"] : "arn:aws:iam::${var.account_id}:role/role-${each}-dpc"]
    },
    {
      # Deploying needs no look at patients' data; documentation of the models is all that it writes.
      Sid         = "NoData"
      Effect      = "Deny"
      Action      = ["s3:GetObject*", "s3:PutObject*", "s3:DeleteObject*"]
      NotResource = [local.state_arn, "${local.state_arn}/*", "arn:aws:s3:::dpc-learning-data-*/processed/docs/*"]
    },
  ]
}

resource "aws_iam_openid_connect_provider" "github" {
  count = length(local.repository)

  url            = "https://${local.issuer}"
  client_id_list = ["sts.amazonaws.com"]
}

resource "aws_iam_role" "workflow" {
  for_each = length(local.repository) == 0 ? {} : local.workflow_roles

  name                 = each.value.name
  description          = each.value.description
  max_session_duration = 7200

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Federated = local.issuer_arn }
      Action    = "sts:AssumeRoleWithWebIdentity"
      Condition = {
        StringEquals = {
          "${local.issuer}:aud" = "sts.amazonaws.com"
          "${local.issuer}:sub" = each.value.subjects
        }
      }
    }]
  })

  depends_on = [aws_iam_openid_connect_provider.github]
}

resource "aws_iam_role_policy_attachment" "plan" {
  count = length(local.repository)

  role       = aws_iam_role.workflow["plan"].name
  policy_arn = "arn:aws:iam::aws:policy/ReadOnlyAccess"
}

resource "aws_iam_role_policy" "workflow" {
  for_each = aws_iam_role.workflow

  name = "workflow"
  role = each.value.name

  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = concat(local.state_policies[each.key], [for one in local.deploy_policy : one if each.key == "deploy"])
  })
}
