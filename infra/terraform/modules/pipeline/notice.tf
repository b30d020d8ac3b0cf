# What could not be delivered: a start of the schedule, news of a failed execution. Operations watches its length.
resource "aws_sqs_queue" "undelivered" {
  name                              = "dpc-learning-undelivered-${var.environment}"
  kms_master_key_id                 = var.kms_key_arn
  kms_data_key_reuse_period_seconds = 300
  message_retention_seconds         = 1209600 # 14 days, the longest there is
}

resource "aws_sqs_queue_policy" "undelivered" {
  queue_url = aws_sqs_queue.undelivered.url

  # The schedule and the function send under their roles; a rule has none.
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "FailedDeliveriesOfTheRule"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = "sqs:SendMessage"
        Resource  = aws_sqs_queue.undelivered.arn
        Condition = {
          StringEquals = { "aws:SourceAccount" = var.account_id }
          ArnEquals    = { "aws:SourceArn" = aws_cloudwatch_event_rule.ended_badly.arn }
        }
      },
      {
        Sid       = "TlsOnly"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sqs:*"
        Resource  = aws_sqs_queue.undelivered.arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}

resource "aws_sns_topic" "notifications" {
  name              = "dpc-learning-notifications-${var.environment}"
  kms_master_key_id = var.kms_key_arn
  signature_version = 2
}

resource "aws_sns_topic_policy" "notifications" {
  arn = aws_sns_topic.notifications.arn

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "FunctionsPublish"
        Effect    = "Allow"
        Principal = { AWS = var.role_arns["lambda"] }
        Action    = "sns:Publish"
        Resource  = aws_sns_topic.notifications.arn
      },
      {
        Sid       = "AlarmsPublish"
        Effect    = "Allow"
        Principal = { Service = "cloudwatch.amazonaws.com" }
        Action    = "sns:Publish"
        Resource  = aws_sns_topic.notifications.arn
        Condition = {
          StringEquals = { "aws:SourceAccount" = var.account_id }
          ArnLike      = { "aws:SourceArn" = "arn:aws:cloudwatch:${var.region}:${var.account_id}:alarm:*" }
        }
      },
      {
        Sid       = "BudgetsPublish"
        Effect    = "Allow"
        Principal = { Service = "budgets.amazonaws.com" }
        Action    = "sns:Publish"
        Resource  = aws_sns_topic.notifications.arn
        Condition = {
          StringEquals = { "aws:SourceAccount" = var.account_id }
          ArnLike      = { "aws:SourceArn" = "arn:aws:budgets::${var.account_id}:*" }
        }
      },
      {
        Sid       = "RulesPublish"
        Effect    = "Allow"
        Principal = { Service = "events.amazonaws.com" }
        Action    = "sns:Publish"
        Resource  = aws_sns_topic.notifications.arn
        Condition = {
          StringEquals = { "aws:SourceAccount" = var.account_id }
          ArnLike      = { "aws:SourceArn" = "arn:aws:events:${var.region}:${var.account_id}:rule/dpc-learning-*" }
        }
      },
      {
        Sid       = "TlsOnly"
        Effect    = "Deny"
        Principal = "*"
        Action    = "sns:Publish"
        Resource  = aws_sns_topic.notifications.arn
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
    ]
  })
}

resource "aws_sns_topic_subscription" "email" {
  for_each = toset(var.notification_emails)

  topic_arn = aws_sns_topic.notifications.arn
  protocol  = "email"
  endpoint  = each.key
}

# A failure is not caught inside the machine, so that a redrive resumes where it happened; this is how people hear of it.
resource "aws_cloudwatch_event_rule" "ended_badly" {
  name        = "dpc-learning-ended-badly-${var.environment}"
  description = "Executions that failed, timed out or were stopped"

  event_pattern = jsonencode({
    source        = ["aws.states"]
    "detail-type" = ["Step Functions Execution Status Change"]
    detail = {
      status          = ["FAILED", "TIMED_OUT", "ABORTED"]
      stateMachineArn = [for machine in local.machines : var.holes[machine.hole]]
    }
  })
}

resource "aws_cloudwatch_event_target" "notice" {
  for_each = local.asynchronous

  rule      = aws_cloudwatch_event_rule.ended_badly.name
  target_id = each.key
  arn       = aws_lambda_function.this[each.key].arn

  retry_policy {
    maximum_event_age_in_seconds = 3600
    maximum_retry_attempts       = 20
  }

  dead_letter_config {
    arn = aws_sqs_queue.undelivered.arn
  }

  depends_on = [aws_lambda_permission.notice, aws_sqs_queue_policy.undelivered]
}

resource "aws_lambda_permission" "notice" {
  for_each = local.asynchronous

  statement_id   = "ExecutionsThatEndedBadly"
  action         = "lambda:InvokeFunction"
  function_name  = aws_lambda_function.this[each.key].function_name
  principal      = "events.amazonaws.com"
  source_arn     = aws_cloudwatch_event_rule.ended_badly.arn
  source_account = var.account_id
}

check "notice" {
  assert {
    condition     = contains(keys(local.functions), local.notice)
    error_message = "The manifest has no function ${local.notice}: executions that fail, time out or are stopped are told to nobody but by the alarms. Declare it among the deployment's functions in the assets' metadata and run `make compile`."
  }
}
