locals {
  schedule_cron     = coalesce(var.schedule_cron, local.schedule.expression)
  schedule_timezone = coalesce(var.schedule_timezone, local.schedule.timezone)
  daily             = "^cron\\(([0-9]|[1-5][0-9]) ([0-9]|1[0-9]|2[0-3]) (\\* \\* \\?|\\? \\* \\*) \\*\\)$"
}

resource "aws_scheduler_schedule" "daily" {
  name        = "dpc-learning-daily-${var.environment}"
  description = "Starts ${local.schedule.machine}, which looks for months with new submissions"
  group_name  = "default"
  state       = var.schedule_enabled ? "ENABLED" : "DISABLED"
  kms_key_arn = var.kms_key_arn

  schedule_expression          = local.schedule_cron
  schedule_expression_timezone = local.schedule_timezone

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = aws_sfn_state_machine.this[local.schedule.machine].arn
    role_arn = var.role_arns["scheduler"]
    input    = local.schedule.input

    # What cannot be started within the hour waits for a person: the next night would start it anyway.
    retry_policy {
      maximum_event_age_in_seconds = 3600
      maximum_retry_attempts       = 20
    }

    dead_letter_config {
      arn = aws_sqs_queue.undelivered.arn
    }
  }

  lifecycle {
    precondition {
      condition     = can(regex(local.daily, local.schedule_cron))
      error_message = "The schedule has to start once a day: expected cron(M H * * ? *), found ${local.schedule_cron}. Mend the cron of the assets' metadata (make compile) or set schedule_cron."
    }
    precondition {
      condition     = contains(local.timezones, local.schedule_timezone)
      error_message = "Expected an IANA time zone such as Asia/Tokyo, found ${local.schedule_timezone}. Mend the timezone of the assets' metadata (make compile) or set schedule_timezone."
    }
  }
}
