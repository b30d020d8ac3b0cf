# The whole account: an environment is meant to have one of its own, and a filter by tag counts nothing until somebody
# has activated the tag for billing.
resource "aws_budgets_budget" "monthly" {
  account_id   = var.account_id
  name         = "dpc-learning-${var.environment}"
  budget_type  = "COST"
  time_unit    = "MONTHLY"
  limit_amount = format("%.2f", var.monthly_budget_usd)
  limit_unit   = "USD"

  dynamic "notification" {
    for_each = [
      { type = "ACTUAL", percent = 80 },
      { type = "ACTUAL", percent = 100 },
      { type = "FORECASTED", percent = 100 },
    ]

    content {
      notification_type         = notification.value.type
      comparison_operator       = "GREATER_THAN"
      threshold                 = notification.value.percent
      threshold_type            = "PERCENTAGE"
      subscriber_sns_topic_arns = [var.topic_arn] # who is mailed is said once, by the topic
    }
  }
}
