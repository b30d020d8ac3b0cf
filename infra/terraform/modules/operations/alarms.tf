# Each alarm says what happened, and where the runbook goes on. Messages go to one topic, under the project's key.
locals {
  say = {
    failed      = "An execution failed, timed out or was stopped. The notice names the asset and whether to redrive or to start anew. ${var.runbook}#an-execution-failed"
    copy        = "Redshift refused to load a hospital's files; nothing of that hospital and month was kept or changed. ${var.runbook}#a-load-was-refused"
    delay       = "The daily run has not ended well for 26 hours: marts and exports are older than the deliveries. ${var.runbook}#no-run-has-ended-well-for-26-hours"
    awake       = "The warehouse has computed in every half hour of the last six hours. A month takes minutes: something asks it again and again, or runs away, and each hour of 8 RPU is paid. ${var.runbook}#the-warehouse-does-not-sleep"
    undelivered = "A start of the daily run, or news of a failed execution, could not be delivered and waits in the queue for 14 days. ${var.runbook}#something-was-not-delivered"
    throttled   = "Lambda refused calls because the account's concurrency was used up. Step Functions tries again, so runs get slow before they fail. ${var.runbook}#lambda-refused-calls"
  }

  ended_badly = ["ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"]
}

resource "aws_cloudwatch_metric_alarm" "failed" {
  for_each = var.machine_arns

  alarm_name        = "${each.key}${var.name_suffix}-failed-${var.environment}"
  alarm_description = "${each.key}${var.name_suffix}: ${local.say.failed}"

  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching" # no execution, no figure

  dynamic "metric_query" {
    for_each = local.ended_badly

    content {
      id = lower(metric_query.value)

      metric {
        namespace   = "AWS/States"
        metric_name = metric_query.value
        dimensions  = { StateMachineArn = each.value }
        stat        = "Sum"
        period      = 300
      }
    }
  }

  metric_query {
    id          = "badly"
    label       = "failed, timed out or stopped"
    expression  = join(" + ", [for name in local.ended_badly : "FILL(${lower(name)}, 0)"])
    return_data = true
  }

  alarm_actions = [var.topic_arn]
}

# A function that ends with an error is logged by Lambda itself, as "[ERROR] <class>: <message>". The message begins with
# the statement's name, and a hospital's load is named copy-<month>-<facility>.
resource "aws_cloudwatch_log_metric_filter" "copy" {
  name           = "dpc-learning-copy-errors-${var.environment}"
  log_group_name = var.log_group_names[var.copy_function]
  pattern        = "\"[ERROR] WarehouseError: copy-\""

  metric_transformation {
    namespace     = local.namespace
    name          = "CopyErrors"
    value         = "1"
    default_value = "0"
    unit          = "Count"
  }
}

resource "aws_cloudwatch_metric_alarm" "copy" {
  alarm_name        = "dpc-learning-copy-errors-${var.environment}"
  alarm_description = local.say.copy

  namespace           = local.namespace
  metric_name         = aws_cloudwatch_log_metric_filter.copy.metric_transformation[0].name
  statistic           = "Sum"
  period              = 300
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching" # most of the day nothing is loaded and nothing is logged

  alarm_actions = [var.topic_arn]
}

resource "aws_cloudwatch_metric_alarm" "delay" {
  count = var.schedule_enabled ? 1 : 0

  alarm_name        = "dpc-learning-delay-${var.environment}"
  alarm_description = local.say.delay

  namespace           = "AWS/States"
  metric_name         = "ExecutionsSucceeded"
  dimensions          = { StateMachineArn = var.machine_arns[var.parent_machine] }
  statistic           = "Sum"
  period              = 3600
  comparison_operator = "LessThanThreshold"
  threshold           = 1
  evaluation_periods  = 26
  datapoints_to_alarm = 26
  treat_missing_data  = "breaching" # an hour without a figure is an hour without a success

  alarm_actions = [var.topic_arn]
}

resource "aws_cloudwatch_metric_alarm" "awake" {
  alarm_name        = "dpc-learning-warehouse-awake-${var.environment}"
  alarm_description = local.say.awake

  namespace           = "AWS/Redshift-Serverless"
  metric_name         = "ComputeSeconds"
  dimensions          = { Workgroup = var.workgroup_name }
  statistic           = "Sum"
  period              = 1800
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 12
  datapoints_to_alarm = 12
  treat_missing_data  = "notBreaching" # a warehouse that sleeps tells nothing

  alarm_actions = [var.topic_arn]
}

resource "aws_cloudwatch_metric_alarm" "undelivered" {
  alarm_name        = "dpc-learning-undelivered-${var.environment}"
  alarm_description = local.say.undelivered

  namespace           = "AWS/SQS"
  metric_name         = "ApproximateNumberOfMessagesVisible"
  dimensions          = { QueueName = var.dlq_name }
  statistic           = "Maximum"
  period              = 300
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching" # a queue that has long been empty tells nothing

  alarm_actions = [var.topic_arn]
}

# All functions of the account at once: what is used up is the account's concurrency, whichever function is refused.
resource "aws_cloudwatch_metric_alarm" "throttled" {
  alarm_name        = "dpc-learning-throttled-${var.environment}"
  alarm_description = local.say.throttled

  namespace           = "AWS/Lambda"
  metric_name         = "Throttles"
  statistic           = "Sum"
  period              = 300
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  evaluation_periods  = 1
  treat_missing_data  = "notBreaching"

  alarm_actions = [var.topic_arn]
}
