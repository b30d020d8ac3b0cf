resource "aws_lambda_invocation" "broken" {
  function_name = "dpc-migrate"
  input         = "{}"
}

resource "aws_sqs_queue" "broken" {
  name = "dpc"

  provisioner "local-exec" {
    command = "true"
  }
}

resource "aws_sqs_queue" "sound" {
  name = "dpc"
}
