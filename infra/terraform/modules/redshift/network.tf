# The default VPC and its default subnets, one in each availability zone, where no others are given.
data "aws_vpc" "default" {
  count = var.vpc_id == null ? 1 : 0

  default = true
}

data "aws_subnets" "default" {
  count = var.vpc_id == null ? 1 : 0

  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.default[0].id]
  }

  filter {
    name   = "default-for-az"
    values = ["true"]
  }
}

locals {
  vpc_id     = var.vpc_id == null ? data.aws_vpc.default[0].id : var.vpc_id
  subnet_ids = sort(distinct(var.vpc_id == null ? data.aws_subnets.default[0].ids : var.subnet_ids))
}

# No rule at all. In: people and steps come over the Data API, which needs no way through the VPC. Out: nothing but
# answers leaves the workgroup here, since COPY and UNLOAD do not go through the VPC; Terraform takes away the rule that
# lets everything out of a new group.
resource "aws_security_group" "this" {
  #checkov:skip=CKV2_AWS_5:It is attached to the workgroup, a type that the rule does not look at
  name        = "dpc-learning-warehouse-${var.environment}${var.name_suffix}"
  description = "The warehouse: reached over the Data API only"
  vpc_id      = local.vpc_id

  tags = { Name = "dpc-learning-warehouse-${var.environment}${var.name_suffix}" }
}

# QuickSight speaks no Data API: its connection is let in, by group and not by address.
resource "aws_vpc_security_group_ingress_rule" "quicksight" {
  count = var.enable_quicksight ? 1 : 0

  security_group_id            = aws_security_group.this.id
  description                  = "QuickSight's VPC connection"
  ip_protocol                  = "tcp"
  from_port                    = 5439
  to_port                      = 5439
  referenced_security_group_id = var.quicksight_group

  lifecycle {
    precondition {
      condition     = var.quicksight_group != null
      error_message = "quicksight_group: expected the security group of QuickSight's VPC connection where enable_quicksight is true, found null."
    }
  }
}
