resource "aws_nat_gateway" "broken" {
  subnet_id = "subnet-1"
}

resource "aws_vpc_endpoint" "broken" {
  vpc_id       = "vpc-1"
  service_name = "com.amazonaws.ap-northeast-1.s3"
}
