# Wiring, over a small manifest: what the manifest says is what is made, and every control of the module holds.

mock_provider "aws" {
  mock_resource "aws_lambda_function" {
    defaults = { arn = "arn:aws:lambda:ap-northeast-1:123456789012:function:made" }
  }
  mock_resource "aws_lambda_layer_version" {
    defaults = { arn = "arn:aws:lambda:ap-northeast-1:123456789012:layer:made:1" }
  }
  mock_resource "aws_cloudwatch_log_group" {
    defaults = { arn = "arn:aws:logs:ap-northeast-1:123456789012:log-group:made" }
  }
  mock_resource "aws_sqs_queue" {
    defaults = {
      arn = "arn:aws:sqs:ap-northeast-1:123456789012:made"
      url = "https://sqs.ap-northeast-1.amazonaws.com/123456789012/made"
    }
  }
  mock_resource "aws_sns_topic" {
    defaults = { arn = "arn:aws:sns:ap-northeast-1:123456789012:made" }
  }
  mock_resource "aws_sfn_state_machine" {
    defaults = { arn = "arn:aws:states:ap-northeast-1:123456789012:stateMachine:made" }
  }
  mock_resource "aws_cloudwatch_event_rule" {
    defaults = { arn = "arn:aws:events:ap-northeast-1:123456789012:rule/made" }
  }
  mock_resource "aws_ecr_repository" {
    defaults = { repository_url = "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/made" }
  }
  mock_resource "aws_ecs_task_definition" {
    defaults = { arn = "arn:aws:ecs:ap-northeast-1:123456789012:task-definition/made:7" }
  }
  mock_resource "aws_ecs_cluster" {
    defaults = { arn = "arn:aws:ecs:ap-northeast-1:123456789012:cluster/made" }
  }
  mock_resource "aws_security_group" {
    defaults = { id = "sg-0123456789abcdef0" }
  }
}

variables {
  environment   = "dev"
  region        = "ap-northeast-1"
  account_id    = "123456789012"
  name_suffix   = "-dev"
  generated_dir = "./tests/fixture/generated"
  dist_dir      = "./tests/fixture/dist"
  kms_key_arn   = "arn:aws:kms:ap-northeast-1:123456789012:key/00000000-0000-0000-0000-000000000000"
  vpc_id        = "vpc-0123456789abcdef0"
  subnet_ids    = ["subnet-0123456789abcdef0", "subnet-0123456789abcdef1"]
  holes = {
    data_bucket                   = "dpc-learning-data-dev"
    redshift_workgroup            = "dpc-learning-dev"
    topic_arn                     = "arn:aws:sns:ap-northeast-1:123456789012:dpc-learning-notifications-dev"
    shared_layer_arn              = "arn:aws:lambda:ap-northeast-1:123456789012:layer:shared:3"
    lambda_dpc_plan               = "replaced by the resource"
    machine_dpc_learning_elt      = "arn:aws:states:ap-northeast-1:123456789012:stateMachine:dpc-learning-elt-dev"
    machine_dpc_learning_schedule = "arn:aws:states:ap-northeast-1:123456789012:stateMachine:dpc-learning-schedule-dev"
    dbt_task_definition_arn       = "replaced by the resource"
  }
  role_arns = {
    lambda    = "arn:aws:iam::123456789012:role/role-lambda-dpc"
    machine   = "arn:aws:iam::123456789012:role/role-stepfunctions-dpc"
    container = "arn:aws:iam::123456789012:role/role-dbt-runner"
    execution = "arn:aws:iam::123456789012:role/role-dbt-execution"
    scheduler = "arn:aws:iam::123456789012:role/role-scheduler-dpc"
  }
  schedule_enabled    = true
  log_retention_days  = 400
  notification_emails = ["dpc@example.org"]
  dbt_image_digest    = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
}

run "functions" {
  assert {
    condition     = { for name, each in aws_lambda_function.this : name => each.function_name } == { "dpc-plan" = "dpc-plan-dev", "dpc-notice" = "dpc-notice-dev" }
    error_message = "Every function of the manifest is made, and no other, under its name and the suffix."
  }
  assert {
    condition     = alltrue([for each in aws_lambda_function.this : each.runtime == "python3.11" && each.architectures == tolist(["x86_64"])])
    error_message = "Functions run Python 3.11 on the architecture that layers are built for."
  }
  assert {
    condition     = alltrue([for each in aws_lambda_function.this : length(each.vpc_config) == 0])
    error_message = "No function is inside a VPC."
  }
  assert {
    condition     = alltrue([for each in aws_lambda_function.this : each.kms_key_arn == var.kms_key_arn && each.tracing_config[0].mode == "Active"])
    error_message = "Environments are under the key, and calls are traced."
  }
  assert {
    condition     = aws_lambda_function.this["dpc-notice"].memory_size == 256 && aws_lambda_function.this["dpc-notice"].timeout == 60 && aws_lambda_function.this["dpc-plan"].timeout == 900
    error_message = "Memory and time are the manifest's."
  }
  assert {
    condition     = aws_lambda_function.this["dpc-plan"].source_code_hash == filebase64sha256("./tests/fixture/dist/dpc-plan.zip")
    error_message = "The digest is the one that the manifest gives."
  }
  assert {
    condition     = aws_lambda_function.this["dpc-plan"].environment[0].variables == tomap({ DPC_LAKE = "s3://dpc-learning-data-dev", OWNER = format("$%s", "{aws:userid}") })
    error_message = "Holes are filled, and IAM's own variables are left alone."
  }
  assert {
    condition     = aws_lambda_function.this["dpc-plan"].layers == tolist(["arn:aws:lambda:ap-northeast-1:123456789012:layer:made:1", "arn:aws:lambda:ap-northeast-1:123456789012:layer:shared:3"])
    error_message = "A layer is ours by its name in the manifest, else what its hole says."
  }
  assert {
    condition     = length(aws_lambda_function.this["dpc-plan"].dead_letter_config) == 0 && aws_lambda_function.this["dpc-notice"].dead_letter_config[0].target_arn == aws_sqs_queue.undelivered.arn
    error_message = "The function that nobody waits for, and no other, leaves what it could not do in the queue."
  }
  assert {
    condition     = keys(aws_lambda_function_event_invoke_config.asynchronous) == ["dpc-notice"]
    error_message = "Retries of asynchronous calls are set for dpc-notice."
  }
  assert {
    condition     = toset([for each in aws_cloudwatch_log_group.function : each.name]) == toset(["/aws/lambda/dpc-plan-dev", "/aws/lambda/dpc-notice-dev"])
    error_message = "Every function has its log group."
  }
}

run "log_groups" {
  assert {
    condition = alltrue([
      for each in concat(values(aws_cloudwatch_log_group.function), values(aws_cloudwatch_log_group.machine), [aws_cloudwatch_log_group.dbt, aws_cloudwatch_log_group.insights]) :
      each.retention_in_days == 400 && each.kms_key_id == var.kms_key_arn
    ])
    error_message = "Every log group is under the key and keeps its events as long as it is told."
  }
  assert {
    condition     = aws_cloudwatch_log_group.machine["dpc-learning-elt"].name == "/aws/vendedlogs/states/dpc-learning-elt-dev"
    error_message = "Groups of machines have the prefix of vended logs."
  }
}

run "machines" {
  assert {
    condition     = { for name, each in aws_sfn_state_machine.this : name => each.name } == { "dpc-learning-elt" = "dpc-learning-elt-dev", "dpc-learning-schedule" = "dpc-learning-schedule-dev" }
    error_message = "Every machine of the manifest is made, and no other."
  }
  assert {
    condition     = alltrue([for each in aws_sfn_state_machine.this : !can(regex("\\$[{]", each.definition))])
    error_message = "No hole is left in a definition."
  }
  assert {
    condition     = jsondecode(aws_sfn_state_machine.this["dpc-learning-elt"].definition).States["Plan run"].Arguments.FunctionName == "arn:aws:lambda:ap-northeast-1:123456789012:function:made"
    error_message = "Machines call functions by what their resources are called."
  }
  assert {
    condition     = jsondecode(aws_sfn_state_machine.this["dpc-learning-elt"].definition).States["dbt"].Arguments.TaskDefinition == "arn:aws:ecs:ap-northeast-1:123456789012:task-definition/made:7"
    error_message = "The machine names the task definition with its revision, so that a redrive runs the same image."
  }
  assert {
    condition = jsondecode(aws_sfn_state_machine.this["dpc-learning-elt"].definition).States["dbt"].Arguments.NetworkConfiguration.AwsvpcConfiguration == {
      Subnets        = "{% $split('subnet-0123456789abcdef0,subnet-0123456789abcdef1', ',') %}"
      SecurityGroups = "{% $split('sg-0123456789abcdef0', ',') %}"
      AssignPublicIp = "ENABLED"
    }
    error_message = "The task runs in the given subnets, in its own security group, with a public address."
  }
  assert {
    condition     = jsondecode(aws_sfn_state_machine.this["dpc-learning-schedule"].definition).States["Run"].Arguments.StateMachineArn == var.holes["machine_dpc_learning_elt"]
    error_message = "The parent starts the machine of this environment."
  }
  assert {
    condition = alltrue([
      for each in aws_sfn_state_machine.this :
      each.logging_configuration[0].level == "ALL" && each.tracing_configuration[0].enabled && each.encryption_configuration[0].type == "CUSTOMER_MANAGED_KMS_KEY" && each.encryption_configuration[0].kms_key_id == var.kms_key_arn
    ])
    error_message = "Machines log everything, are traced, and are under the key."
  }
}

run "container" {
  assert {
    condition     = aws_ecs_task_definition.dbt.pid_mode == null && aws_ecs_task_definition.dbt.ipc_mode == null
    error_message = "The task shares its processes or memory with others."
  }
  assert {
    condition     = alltrue([for each in jsondecode(aws_ecs_task_definition.dbt.container_definitions) : length(try(each.secrets, [])) == 0 && !anytrue([for one in each.environment : can(regex("(?i)secret|password|token|access_key", one.name))])])
    error_message = "The container is given a secret: IAM is its identity."
  }
  assert {
    condition     = aws_ecr_repository.dbt.image_tag_mutability == "IMMUTABLE" && aws_ecr_repository.dbt.image_scanning_configuration[0].scan_on_push && aws_ecr_repository.dbt.encryption_configuration[0].kms_key == var.kms_key_arn
    error_message = "Tags stay, images are scanned, and they are under the key."
  }
  assert {
    condition     = one([for each in aws_ecs_cluster.this.setting : each.value if each.name == "containerInsights"]) == "enabled" && aws_ecs_cluster.this.configuration[0].managed_storage_configuration[0].fargate_ephemeral_storage_kms_key_id == var.kms_key_arn
    error_message = "The cluster tells how much its tasks need, and their storage is under the key."
  }
  assert {
    condition     = aws_ecs_task_definition.dbt.task_role_arn == var.role_arns["container"] && aws_ecs_task_definition.dbt.execution_role_arn == var.role_arns["execution"]
    error_message = "What starts the container and what the container may do are two roles."
  }
  assert {
    condition     = aws_ecs_task_definition.dbt.requires_compatibilities == toset(["FARGATE"]) && aws_ecs_task_definition.dbt.runtime_platform[0].cpu_architecture == "X86_64"
    error_message = "The task runs on Fargate, on x86-64."
  }
  assert {
    condition     = length(jsondecode(aws_ecs_task_definition.dbt.container_definitions)) == 1
    error_message = "The task is one container."
  }
  assert {
    condition = alltrue([
      for each in jsondecode(aws_ecs_task_definition.dbt.container_definitions) :
      each.name == "dbt" && each.user == "10001:10001" && each.readonlyRootFilesystem && !each.privileged && each.linuxParameters.capabilities.drop == ["ALL"]
    ])
    error_message = "The container has the machine's name for it, is not root, writes nowhere but in its work folder, and has no capability."
  }
  assert {
    condition     = jsondecode(aws_ecs_task_definition.dbt.container_definitions)[0].image == "123456789012.dkr.ecr.ap-northeast-1.amazonaws.com/made@${var.dbt_image_digest}"
    error_message = "The image is named by its digest."
  }
  assert {
    condition     = jsondecode(aws_ecs_task_definition.dbt.container_definitions)[0].mountPoints == [{ sourceVolume = "work", containerPath = "/work", readOnly = false }] && one(aws_ecs_task_definition.dbt.volume).name == "work"
    error_message = "The work folder is a volume of the task."
  }
  assert {
    condition = { for each in jsondecode(aws_ecs_task_definition.dbt.container_definitions)[0].environment : each.name => each.value } == {
      AWS_REGION     = "ap-northeast-1"
      CLAIM_BUCKET   = "dpc-learning-data-dev"
      CLAIM_KEY      = "logs/runs/_writer.json"
      DPC_DATABASE   = "dpc"
      DPC_DBT_TARGET = "dev"
      DPC_LAKE       = "s3://dpc-learning-data-dev"
      DPC_WORKGROUP  = "dpc-learning-dev"
    }
    error_message = "The container knows the lake, the warehouse, dbt's target, the region and where the writer's claim lies."
  }
  assert {
    condition     = jsondecode(aws_ecs_task_definition.dbt.container_definitions)[0].logConfiguration.options["awslogs-group"] == "/ecs/dpc-learning-dbt-dev"
    error_message = "The container logs to the group that is under the key."
  }
}

run "network" {
  assert {
    condition     = length(aws_security_group.dbt.ingress) == 0
    error_message = "Nothing comes into the task."
  }
  assert {
    condition     = aws_vpc_security_group_egress_rule.https.from_port == 443 && aws_vpc_security_group_egress_rule.https.to_port == 443 && aws_vpc_security_group_egress_rule.https.ip_protocol == "tcp"
    error_message = "Only HTTPS goes out of the task."
  }
}

run "schedule" {
  assert {
    condition     = aws_scheduler_schedule.daily.schedule_expression == "cron(0 3 * * ? *)" && aws_scheduler_schedule.daily.schedule_expression_timezone == "Asia/Tokyo" && aws_scheduler_schedule.daily.flexible_time_window[0].mode == "OFF"
    error_message = "The parent starts when the manifest says, to the minute."
  }
  assert {
    condition     = aws_scheduler_schedule.daily.state == "ENABLED" && aws_scheduler_schedule.daily.kms_key_arn == var.kms_key_arn
    error_message = "The schedule is on where it is told to be, and under the key."
  }
  assert {
    condition     = aws_scheduler_schedule.daily.target[0].input == "{}" && aws_scheduler_schedule.daily.target[0].role_arn == var.role_arns["scheduler"] && aws_scheduler_schedule.daily.target[0].arn == aws_sfn_state_machine.this["dpc-learning-schedule"].arn
    error_message = "The schedule starts the parent machine, without an input, under its own role."
  }
  assert {
    condition     = aws_scheduler_schedule.daily.target[0].dead_letter_config[0].arn == aws_sqs_queue.undelivered.arn && aws_scheduler_schedule.daily.target[0].retry_policy[0].maximum_event_age_in_seconds == 3600
    error_message = "A start that does not succeed within the hour goes to the queue."
  }
}

run "schedule_of_the_variables" {
  variables {
    schedule_enabled  = false
    schedule_cron     = "cron(30 22 ? * * *)"
    schedule_timezone = "Europe/Berlin"
  }
  assert {
    condition     = aws_scheduler_schedule.daily.state == "DISABLED" && aws_scheduler_schedule.daily.schedule_expression == "cron(30 22 ? * * *)" && aws_scheduler_schedule.daily.schedule_expression_timezone == "Europe/Berlin"
    error_message = "What is given goes before what the manifest says."
  }
}

run "news_of_failures" {
  assert {
    condition = jsondecode(aws_cloudwatch_event_rule.ended_badly.event_pattern) == {
      source        = ["aws.states"]
      "detail-type" = ["Step Functions Execution Status Change"]
      detail = {
        status = ["FAILED", "TIMED_OUT", "ABORTED"]
        stateMachineArn = [
          "arn:aws:states:ap-northeast-1:123456789012:stateMachine:dpc-learning-elt-dev",
          "arn:aws:states:ap-northeast-1:123456789012:stateMachine:dpc-learning-schedule-dev",
        ]
      }
    }
    error_message = "The rule matches executions of both machines that ended badly."
  }
  assert {
    condition     = aws_cloudwatch_event_target.notice["dpc-notice"].arn == aws_lambda_function.this["dpc-notice"].arn && aws_cloudwatch_event_target.notice["dpc-notice"].dead_letter_config[0].arn == aws_sqs_queue.undelivered.arn
    error_message = "The rule calls dpc-notice; what does not get there goes to the queue."
  }
  assert {
    condition     = aws_lambda_permission.notice["dpc-notice"].principal == "events.amazonaws.com" && aws_lambda_permission.notice["dpc-notice"].source_arn == aws_cloudwatch_event_rule.ended_badly.arn && aws_lambda_permission.notice["dpc-notice"].source_account == "123456789012"
    error_message = "This rule of this account, and no other, may call it."
  }
  assert {
    condition     = aws_sqs_queue.undelivered.kms_master_key_id == var.kms_key_arn && aws_sqs_queue.undelivered.message_retention_seconds == 1209600
    error_message = "The queue is under the key and keeps what it holds for 14 days."
  }
  assert {
    condition     = aws_sns_topic.notifications.name == "dpc-learning-notifications-dev" && aws_sns_topic.notifications.kms_master_key_id == var.kms_key_arn && keys(aws_sns_topic_subscription.email) == ["dpc@example.org"]
    error_message = "The topic has the name that roles are allowed, is under the key, and mails to whom it is told."
  }
  assert {
    condition = alltrue([
      for policy in [aws_sns_topic_policy.notifications.policy, aws_sqs_queue_policy.undelivered.policy] :
      length([for each in jsondecode(policy).Statement : each if each.Effect == "Deny" && each.Principal == "*" && try(each.Condition.Bool["aws:SecureTransport"], "") == "false"]) == 1
    ])
    error_message = "Topic and queue refuse what comes without TLS."
  }
  assert {
    condition = alltrue(flatten([
      for policy in [aws_sns_topic_policy.notifications.policy, aws_sqs_queue_policy.undelivered.policy] : [
        for each in jsondecode(policy).Statement : try(each.Condition.StringEquals["aws:SourceAccount"], "") == "123456789012" if each.Effect == "Allow" && can(each.Principal.Service)
      ]
    ]))
    error_message = "Services may send for this account only."
  }
}

run "no_image_yet" {
  variables {
    dbt_image_digest = null
  }
  expect_failures = [check.dbt_image]
}
