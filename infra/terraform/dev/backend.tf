# A backend takes no variables. The bootstrap root makes the bucket and the table.
terraform {
  backend "s3" {
    bucket         = "dpc-learning-tfstate"
    key            = "dev/terraform.tfstate"
    region         = "ap-northeast-1"
    encrypt        = true
    dynamodb_table = "terraform-lock"
    use_lockfile   = true
  }
}
