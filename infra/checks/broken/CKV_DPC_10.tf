resource "aws_secretsmanager_secret_version" "broken" {
  secret_id     = "slack"
  secret_string = "https://hooks.example.org/services/1"
}

resource "aws_iam_user" "broken" {
  name = "somebody"
}
