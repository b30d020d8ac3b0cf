resource "aws_s3_bucket" "broken" {
  bucket = "dpc-learning-anything"
}

resource "aws_s3_bucket" "sound" {
  bucket = "dpc-learning-data"
}

resource "aws_s3_bucket_policy" "sound" {
  bucket = aws_s3_bucket.sound.id
  policy = "{}"
}
