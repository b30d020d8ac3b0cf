locals {
  # RPU hours. max_capacity caps how fast the warehouse can spend; only these cap what it spends.
  limits = {
    warning = {
      period = "monthly"
      amount = max(1, floor(var.monthly_rpu_hours * 0.8))
      action = "emit-metric"
      news   = "The warehouse has used 80 % of its ${var.monthly_rpu_hours} RPU hours of this month. At 100 % it stops until the month ends or redshift_monthly_rpu_hours is raised. See docs/runbook.md#the-usage-limit."
    }
    stop = {
      period = "monthly"
      amount = var.monthly_rpu_hours
      action = "deactivate"
      news   = "The warehouse has used its ${var.monthly_rpu_hours} RPU hours of this month and has stopped. Raise redshift_monthly_rpu_hours and apply, or wait for the month to end; then redrive what failed. See docs/runbook.md#the-usage-limit."
    }
    # Says that something runs away while it is days away from the stop. It stops nothing: a backfill may need the day.
    day = {
      period = "daily"
      amount = ceil(var.monthly_rpu_hours / 4)
      action = "emit-metric"
      news   = "The warehouse has used a quarter of its ${var.monthly_rpu_hours} RPU hours of a month within one day. A backfill may; anything else is worth a look at what runs (sys_query_history). See docs/runbook.md#the-usage-limit."
    }
  }
}

resource "aws_redshiftserverless_usage_limit" "compute" {
  for_each = local.limits

  resource_arn  = aws_redshiftserverless_workgroup.this.arn
  usage_type    = "serverless-compute"
  period        = each.value.period
  amount        = each.value.amount
  breach_action = each.value.action
}

resource "aws_cloudwatch_metric_alarm" "compute" {
  for_each = local.limits

  alarm_name        = "dpc-learning-rpu-hours-${each.key}-${var.environment}${var.name_suffix}"
  alarm_description = each.value.news

  namespace   = "AWS/Redshift-Serverless"
  metric_name = "UsageLimitConsumed"
  dimensions = {
    UsageLimitId = aws_redshiftserverless_usage_limit.compute[each.key].id
    UsageType    = "SERVERLESS_COMPUTE"
    Workgroup    = aws_redshiftserverless_workgroup.this.workgroup_name
  }

  statistic           = "Maximum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = each.value.amount
  treat_missing_data  = "notBreaching" # a warehouse that sleeps tells nothing

  alarm_actions = [var.topic_arn]
}
