resource "aws_lambda_function" "broken" {
  function_name = "dpc-plan"
  role          = "arn:aws:iam::123456789012:role/role-lambda-dpc"
  runtime       = "python3.9"
}

resource "aws_lambda_function" "sound" {
  function_name = "dpc-plan"
  role          = "arn:aws:iam::123456789012:role/role-lambda-dpc"
  runtime       = "python3.11"
}
