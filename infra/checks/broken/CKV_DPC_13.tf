resource "aws_scheduler_schedule" "broken" {
  name                         = "hourly"
  schedule_expression          = "cron(0 * * * ? *)"
  schedule_expression_timezone = "Asia/Tokyo"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = "arn:aws:states:ap-northeast-1:123456789012:stateMachine:dpc-learning-schedule"
    role_arn = "arn:aws:iam::123456789012:role/role-scheduler-dpc"
  }
}

resource "aws_scheduler_schedule" "sound" {
  name                         = "daily"
  schedule_expression          = "cron(0 3 * * ? *)"
  schedule_expression_timezone = "Asia/Tokyo"

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = "arn:aws:states:ap-northeast-1:123456789012:stateMachine:dpc-learning-schedule"
    role_arn = "arn:aws:iam::123456789012:role/role-scheduler-dpc"

    dead_letter_config {
      arn = "arn:aws:sqs:ap-northeast-1:123456789012:undelivered"
    }
  }
}
