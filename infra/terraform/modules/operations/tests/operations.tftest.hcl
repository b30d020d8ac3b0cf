# Every alarm asks for what it says, reaches people, and names its heading of the runbook.

mock_provider "aws" {}

variables {
  environment = "dev"
  region      = "ap-northeast-1"
  account_id  = "123456789012"
  function_names = {
    "dpc-copy-raw" = "dpc-copy-raw-dev"
    "dpc-notice"   = "dpc-notice-dev"
  }
  machine_arns = {
    "dpc-learning-elt"      = "arn:aws:states:ap-northeast-1:123456789012:stateMachine:dpc-learning-elt-dev"
    "dpc-learning-schedule" = "arn:aws:states:ap-northeast-1:123456789012:stateMachine:dpc-learning-schedule-dev"
  }
  log_group_names = {
    "dpc-copy-raw"     = "/aws/lambda/dpc-copy-raw-dev"
    "dpc-learning-elt" = "/aws/vendedlogs/states/dpc-learning-elt-dev"
  }
  workgroup_name          = "dpc-learning-dev"
  usage_limit_alarm_names = ["dpc-learning-rpu-hours-stop-dev"]
  dlq_name                = "dpc-learning-undelivered-dev"
  topic_arn               = "arn:aws:sns:ap-northeast-1:123456789012:dpc-learning-notifications-dev"
  monthly_budget_usd      = 50
}

run "failed_executions" {
  assert {
    condition     = { for name, alarm in aws_cloudwatch_metric_alarm.failed : name => alarm.alarm_name } == { "dpc-learning-elt" = "dpc-learning-elt-failed-dev", "dpc-learning-schedule" = "dpc-learning-schedule-failed-dev" }
    error_message = "Every machine has an alarm of its own."
  }
  assert {
    condition = alltrue([
      for name, alarm in aws_cloudwatch_metric_alarm.failed :
      toset([for query in alarm.metric_query : query.metric[0].metric_name if length(query.metric) > 0]) == toset(["ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted"])
      && alltrue([for query in alarm.metric_query : query.metric[0].dimensions.StateMachineArn == var.machine_arns[name] && query.metric[0].stat == "Sum" if length(query.metric) > 0])
    ])
    error_message = "Failed, timed out and stopped executions of the machine count."
  }
  assert {
    condition = alltrue([
      for alarm in aws_cloudwatch_metric_alarm.failed : [for query in alarm.metric_query : query.expression if query.return_data == true] == ["FILL(executionsfailed, 0) + FILL(executionstimedout, 0) + FILL(executionsaborted, 0)"]
      && alarm.threshold == 0 && alarm.comparison_operator == "GreaterThanThreshold" && alarm.evaluation_periods == 1
    ])
    error_message = "One of them is enough, whichever of the three figures is missing."
  }
}

run "loads" {
  assert {
    condition     = aws_cloudwatch_log_metric_filter.copy.log_group_name == "/aws/lambda/dpc-copy-raw-dev" && aws_cloudwatch_log_metric_filter.copy.pattern == "\"[ERROR] WarehouseError: copy-\""
    error_message = "The filter reads the log of the function that loads, for the words that Lambda writes of its errors."
  }
  assert {
    condition = (
      aws_cloudwatch_log_metric_filter.copy.metric_transformation[0].namespace == aws_cloudwatch_metric_alarm.copy.namespace
      && aws_cloudwatch_log_metric_filter.copy.metric_transformation[0].name == aws_cloudwatch_metric_alarm.copy.metric_name
      && aws_cloudwatch_metric_alarm.copy.threshold == 0 && aws_cloudwatch_metric_alarm.copy.comparison_operator == "GreaterThanThreshold"
    )
    error_message = "The alarm asks for what the filter counts."
  }
}

run "delay" {
  assert {
    condition = (
      aws_cloudwatch_metric_alarm.delay[0].metric_name == "ExecutionsSucceeded"
      && aws_cloudwatch_metric_alarm.delay[0].dimensions.StateMachineArn == var.machine_arns["dpc-learning-schedule"]
      && aws_cloudwatch_metric_alarm.delay[0].period * aws_cloudwatch_metric_alarm.delay[0].evaluation_periods == 26 * 3600
      && aws_cloudwatch_metric_alarm.delay[0].datapoints_to_alarm == 26
      && aws_cloudwatch_metric_alarm.delay[0].comparison_operator == "LessThanThreshold" && aws_cloudwatch_metric_alarm.delay[0].threshold == 1
      && aws_cloudwatch_metric_alarm.delay[0].treat_missing_data == "breaching"
    )
    error_message = "26 hours without a success of the parent machine are an alarm, no figure being no success."
  }
}

run "no_delay_without_a_schedule" {
  variables {
    schedule_enabled = false
  }
  assert {
    condition     = length(aws_cloudwatch_metric_alarm.delay) == 0 && !contains(output.alarm_names, "dpc-learning-delay-dev")
    error_message = "What is not due is not late."
  }
}

run "warehouse" {
  assert {
    condition = (
      aws_cloudwatch_metric_alarm.awake.metric_name == "ComputeSeconds" && aws_cloudwatch_metric_alarm.awake.dimensions.Workgroup == "dpc-learning-dev"
      && aws_cloudwatch_metric_alarm.awake.period * aws_cloudwatch_metric_alarm.awake.datapoints_to_alarm == 6 * 3600
      && aws_cloudwatch_metric_alarm.awake.evaluation_periods == 12 && aws_cloudwatch_metric_alarm.awake.treat_missing_data == "notBreaching"
    )
    error_message = "Six hours without sleep are an alarm, sleep is none."
  }
}

run "queue_and_concurrency" {
  assert {
    condition     = aws_cloudwatch_metric_alarm.undelivered.dimensions.QueueName == "dpc-learning-undelivered-dev" && aws_cloudwatch_metric_alarm.undelivered.threshold == 0 && aws_cloudwatch_metric_alarm.undelivered.comparison_operator == "GreaterThanThreshold"
    error_message = "One message in the queue is an alarm."
  }
  assert {
    condition     = aws_cloudwatch_metric_alarm.throttled.metric_name == "Throttles" && aws_cloudwatch_metric_alarm.throttled.dimensions == null && aws_cloudwatch_metric_alarm.throttled.threshold == 0
    error_message = "Throttling of any function is an alarm."
  }
}

run "people_hear_of_it" {
  assert {
    condition = alltrue([
      for alarm in concat(
        values(aws_cloudwatch_metric_alarm.failed), aws_cloudwatch_metric_alarm.delay,
        [aws_cloudwatch_metric_alarm.copy, aws_cloudwatch_metric_alarm.awake, aws_cloudwatch_metric_alarm.undelivered, aws_cloudwatch_metric_alarm.throttled],
      ) : alarm.alarm_actions == toset([var.topic_arn]) && alarm.actions_enabled != false && can(regex("docs/runbook\\.md#[a-z0-9-]+$", alarm.alarm_description))
    ])
    error_message = "Every alarm goes to the topic and ends with its heading of the runbook."
  }
  assert {
    condition = output.alarm_names == tolist([
      "dpc-learning-copy-errors-dev", "dpc-learning-delay-dev", "dpc-learning-elt-failed-dev", "dpc-learning-schedule-failed-dev",
      "dpc-learning-throttled-dev", "dpc-learning-undelivered-dev", "dpc-learning-warehouse-awake-dev",
    ])
    error_message = "These are the alarms."
  }
}

run "budget" {
  assert {
    condition     = aws_budgets_budget.monthly.limit_amount == "50.00" && aws_budgets_budget.monthly.limit_unit == "USD" && aws_budgets_budget.monthly.time_unit == "MONTHLY" && aws_budgets_budget.monthly.budget_type == "COST"
    error_message = "The budget is what the variable says, for a month."
  }
  assert {
    condition     = toset([for each in aws_budgets_budget.monthly.notification : "${each.notification_type} ${each.threshold}"]) == toset(["ACTUAL 80", "ACTUAL 100", "FORECASTED 100"]) && alltrue([for each in aws_budgets_budget.monthly.notification : each.subscriber_sns_topic_arns == toset([var.topic_arn])])
    error_message = "People are told at 80 % and 100 %, and when 100 % is to be expected."
  }
}

run "dashboard" {
  assert {
    condition = toset(concat([
      for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : [for metric in try(widget.properties.metrics, []) : metric[1]]
      ]...)) == toset([
      "ExecutionsSucceeded", "ExecutionsFailed", "ExecutionsTimedOut", "ExecutionsAborted", "ExecutionsRedriven", "ExecutionTime",
      "Duration", "Errors", "Throttles", "CopyErrors", "ApproximateNumberOfMessagesVisible", "ComputeSeconds", "ComputeCapacity",
    ])
    error_message = "The dashboard shows executions, functions, loads, the queue and the warehouse."
  }
  assert {
    condition = toset(jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets[0].properties.alarms) == toset([
      for name in concat(output.alarm_names, ["dpc-learning-rpu-hours-stop-dev"]) : "arn:aws:cloudwatch:ap-northeast-1:123456789012:alarm:${name}"
    ])
    error_message = "All alarms stand on top, those of the usage limits too."
  }
  assert {
    condition = length(distinct([
      for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : "${widget.x} ${widget.y}"
      ])) == length(jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets) && alltrue([
      for widget in jsondecode(aws_cloudwatch_dashboard.this.dashboard_body).widgets : widget.x + widget.width <= 24
    ])
    error_message = "No chart hides another."
  }
}

run "refuses" {
  command = plan
  variables {
    environment        = "qa"
    account_id         = "1"
    log_group_names    = { "dpc-export" = "/aws/lambda/dpc-export" }
    parent_machine     = "dpc-learning-nightly"
    topic_arn          = "dpc-learning-notifications-dev"
    monthly_budget_usd = 0
    runbook            = "docs/README.md"
  }
  expect_failures = [var.environment, var.account_id, var.log_group_names, var.parent_machine, var.topic_arn, var.monthly_budget_usd, var.runbook]
}
