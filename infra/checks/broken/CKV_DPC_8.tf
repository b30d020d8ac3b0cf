resource "aws_sqs_queue" "broken" {
  name                    = "dpc"
  sqs_managed_sse_enabled = true
}

resource "aws_sns_topic" "broken" {
  name              = "dpc"
  kms_master_key_id = "alias/aws/sns"
}

resource "aws_s3_bucket_server_side_encryption_configuration" "broken" {
  bucket = "dpc"

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "AES256"
    }
  }
}

resource "aws_ecr_repository" "broken" {
  name = "dpc"

  encryption_configuration {
    encryption_type = "KMS"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "sound" {
  bucket = "dpc"

  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = "arn:aws:kms:ap-northeast-1:123456789012:key/1"
    }
  }
}

resource "aws_sqs_queue" "sound" {
  name              = "dpc"
  kms_master_key_id = var.kms_key_arn
}
