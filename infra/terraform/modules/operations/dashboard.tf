locals {
  namespace = "dpc-learning/${var.environment}"

  alarms = concat(
    [for alarm in aws_cloudwatch_metric_alarm.failed : alarm.alarm_name],
    aws_cloudwatch_metric_alarm.delay[*].alarm_name,
    [
      aws_cloudwatch_metric_alarm.copy.alarm_name,
      aws_cloudwatch_metric_alarm.awake.alarm_name,
      aws_cloudwatch_metric_alarm.undelivered.alarm_name,
      aws_cloudwatch_metric_alarm.throttled.alarm_name,
    ],
  )

  functions = [for name in sort(keys(var.function_names)) : var.function_names[name]]
  endings   = ["ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted", "ExecutionsRedriven"]

  # Two to a row: what ran, what it ran on, what it costs.
  charts = [
    {
      title  = "Daily runs that ended well: the last bar is the last success"
      stat   = "Sum"
      period = 86400
      view   = "bar"
      metrics = [
        ["AWS/States", "ExecutionsSucceeded", "StateMachineArn", var.machine_arns[var.parent_machine], { label = var.parent_machine }]
      ]
    },
    {
      title  = "Executions by how they ended"
      stat   = "Sum"
      period = 3600
      view   = "timeSeries"
      metrics = concat([
        for name, arn in var.machine_arns : [
          for ending in local.endings : ["AWS/States", ending, "StateMachineArn", arn, { label = "${name} ${lower(trimprefix(ending, "Executions"))}" }]
        ]
      ]...)
    },
    {
      title   = "How long executions took (ms)"
      stat    = "Maximum"
      period  = 3600
      view    = "timeSeries"
      metrics = [for name, arn in var.machine_arns : ["AWS/States", "ExecutionTime", "StateMachineArn", arn, { label = name }]]
    },
    {
      title   = "How long functions took (ms); Lambda stops them at 900,000"
      stat    = "Maximum"
      period  = 3600
      view    = "timeSeries"
      metrics = [for name in local.functions : ["AWS/Lambda", "Duration", "FunctionName", name, { label = name }]]
    },
    {
      title   = "Calls of functions that ended with an error, tries that were repeated included"
      stat    = "Sum"
      period  = 3600
      view    = "timeSeries"
      metrics = [for name in local.functions : ["AWS/Lambda", "Errors", "FunctionName", name, { label = name }]]
    },
    {
      title   = "Calls that Lambda refused"
      stat    = "Sum"
      period  = 3600
      view    = "timeSeries"
      metrics = [for name in local.functions : ["AWS/Lambda", "Throttles", "FunctionName", name, { label = name }]]
    },
    {
      title  = "Loads that Redshift refused"
      stat   = "Sum"
      period = 3600
      view   = "timeSeries"
      metrics = [
        [local.namespace, "CopyErrors", { label = var.copy_function }]
      ]
    },
    {
      title  = "Waiting in the queue of what was not delivered"
      stat   = "Maximum"
      period = 3600
      view   = "timeSeries"
      metrics = [
        ["AWS/SQS", "ApproximateNumberOfMessagesVisible", "QueueName", var.dlq_name, { label = var.dlq_name }]
      ]
    },
    {
      title  = "Warehouse: RPU seconds (3,600 are one RPU hour)"
      stat   = "Sum"
      period = 86400
      view   = "bar"
      metrics = [
        ["AWS/Redshift-Serverless", "ComputeSeconds", "Workgroup", var.workgroup_name, { label = "RPU seconds" }]
      ]
    },
    {
      title  = "Warehouse: RPU in use"
      stat   = "Maximum"
      period = 1800
      view   = "timeSeries"
      metrics = [
        ["AWS/Redshift-Serverless", "ComputeCapacity", "Workgroup", var.workgroup_name, { label = "RPU" }]
      ]
    },
  ]
}

resource "aws_cloudwatch_dashboard" "this" {
  dashboard_name = "dpc-learning-${var.environment}"

  dashboard_body = jsonencode({
    start = "-P7D"
    widgets = concat(
      [
        {
          type       = "alarm"
          x          = 0
          y          = 0
          width      = 24
          height     = 4
          properties = { title = "Alarms", alarms = [for name in concat(local.alarms, var.usage_limit_alarm_names) : "arn:aws:cloudwatch:${var.region}:${var.account_id}:alarm:${name}"] }
        }
      ],
      [
        for place, chart in local.charts : {
          type   = "metric"
          x      = place % 2 * 12
          y      = 4 + floor(place / 2) * 6
          width  = 12
          height = 6
          properties = {
            title   = chart.title
            region  = var.region
            view    = chart.view
            stat    = chart.stat
            period  = chart.period
            metrics = chart.metrics
          }
        }
      ],
    )
  })
}
