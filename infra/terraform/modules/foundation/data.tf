# The lake: raw/, stage/, processed/, archive/, logs/, ref/.
resource "aws_s3_bucket" "data" {
  #checkov:skip=CKV_AWS_18:Object-level access is in CloudTrail; server access logs cannot be written under our key
  #checkov:skip=CKV_AWS_144:Hospitals hold what they sent and send it again; a second region would double who keeps it
  #checkov:skip=CKV2_AWS_62:The schedule finds new submissions by their verdicts; nothing listens to the bucket
  bucket = local.data_bucket
}

resource "aws_s3_bucket_ownership_controls" "data" {
  bucket = aws_s3_bucket.data.bucket

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_public_access_block" "data" {
  bucket = aws_s3_bucket.data.bucket

  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_versioning" "data" {
  bucket = aws_s3_bucket.data.bucket

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "data" {
  bucket = aws_s3_bucket.data.bucket

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.this.arn
    }
  }
}

resource "aws_s3_bucket_policy" "data" {
  bucket = aws_s3_bucket.data.bucket

  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      local.tls_only.data,
      {
        # Actions on data only: whoever changes this policy by mistake can still mend it from anywhere.
        Sid       = "DataFromKnownAddresses"
        Effect    = "Deny"
        Principal = "*"
        Action    = ["s3:DeleteObject*", "s3:GetObject*", "s3:ListBucket", "s3:ListBucketVersions", "s3:PutObject*"]
        Resource  = [local.data_arn, "${local.data_arn}/*"]
        Condition = {
          NotIpAddress = { "aws:SourceIp" = sort(var.upload_cidrs) }
          ArnNotLike   = { "aws:PrincipalArn" = sort(concat(var.pipeline_role_arns, var.deploy_role_arns)) }
          BoolIfExists = {
            "aws:PrincipalIsAWSService" = "false"
            "aws:ViaAWSService"         = "false"
          }
        }
      },
      {
        # Who names an encryption names ours; who names none gets the bucket's.
        Sid       = "NoOtherEncryption"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:PutObject"
        Resource  = "${local.data_arn}/*"
        Condition = { StringNotEqualsIfExists = { "s3:x-amz-server-side-encryption" = "aws:kms" }, Null = { "s3:x-amz-server-side-encryption" = "false" } }
      },
      {
        Sid       = "NoOtherKey"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:PutObject"
        Resource  = "${local.data_arn}/*"
        Condition = {
          ArnNotEqualsIfExists = { "s3:x-amz-server-side-encryption-aws-kms-key-id" = aws_kms_key.this.arn }
          Null                 = { "s3:x-amz-server-side-encryption-aws-kms-key-id" = "false" }
        }
      },
    ]
  })

  depends_on = [aws_s3_bucket_public_access_block.data]
}

# Only archive/ leaves for Glacier: stage/ reloads months and processed/ is read by people. Lifecycle rules cannot move
# objects between prefixes: from raw/ to archive/ is the work of the asset archive/raw. No current object expires.
resource "aws_s3_bucket_lifecycle_configuration" "data" {
  bucket                                 = aws_s3_bucket.data.bucket
  transition_default_minimum_object_size = "varies_by_storage_class"

  rule {
    id     = "archive-to-deep-archive"
    status = "Enabled"

    filter {
      prefix = "archive/"
    }

    transition {
      days          = 1
      storage_class = "DEEP_ARCHIVE"
    }
  }

  # What was replaced or deleted can be brought back for so long; after that a patient's data is really gone.
  rule {
    id     = "replaced-versions"
    status = "Enabled"

    filter {}

    noncurrent_version_expiration {
      noncurrent_days = 180
    }

    expiration {
      expired_object_delete_marker = true
    }

    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
  }

  depends_on = [aws_s3_bucket_versioning.data]
}
