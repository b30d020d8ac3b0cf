# Made without a value: values are put in by a person (docs/runbook.md) and never enter the state.
resource "aws_secretsmanager_secret" "this" {
  #checkov:skip=CKV2_AWS_57:A webhook is made in Slack and the HMAC key must not change: rotation would break links between months
  for_each = {
    slack-webhook = "Webhook of the Slack channel that is told of runs; without a value nothing is sent to Slack"
    id-key        = "Key of the HMAC that stands for the patients' common ids (Kn); it must stay the same"
  }

  name                    = "dpc-learning-${each.key}-${var.environment}${var.name_suffix}"
  description             = each.value
  kms_key_id              = aws_kms_key.this.arn
  recovery_window_in_days = 30
}
