resource "aws_lambda_function" "broken" {
  function_name = "dpc-plan"
  role          = "arn:aws:iam::123456789012:role/role-lambda-dpc"
  runtime       = "python3.11"

  vpc_config {
    subnet_ids         = ["subnet-1"]
    security_group_ids = ["sg-1"]
  }
}

resource "aws_lambda_function" "sound" {
  function_name = "dpc-plan"
  role          = "arn:aws:iam::123456789012:role/role-lambda-dpc"
  runtime       = "python3.11"
}
