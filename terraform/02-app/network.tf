# Tasks connect to AWS; nothing connects to a task.

data "aws_subnets" "vpc" {
  count = length(var.subnet_ids) == 0 ? 1 : 0

  filter {
    name   = "vpc-id"
    values = [var.vpc_id]
  }
}

locals {
  subnet_ids = length(var.subnet_ids) == 0 ? data.aws_subnets.vpc[0].ids : var.subnet_ids
}

resource "aws_security_group" "task" {
  name        = "${var.name}-task"
  description = "sqsherd tasks: out to AWS, nothing in"
  vpc_id      = var.vpc_id
}

resource "aws_vpc_security_group_egress_rule" "ipv4" {
  for_each = toset([for port in var.egress_ports : tostring(port)])

  security_group_id = aws_security_group.task.id
  description       = "TCP port ${each.value}"
  ip_protocol       = "tcp"
  from_port         = tonumber(each.value)
  to_port           = tonumber(each.value)
  cidr_ipv4         = "0.0.0.0/0"
}

resource "aws_vpc_security_group_egress_rule" "ipv6" {
  for_each = toset([for port in var.egress_ports : tostring(port)])

  security_group_id = aws_security_group.task.id
  description       = "TCP port ${each.value}"
  ip_protocol       = "tcp"
  from_port         = tonumber(each.value)
  to_port           = tonumber(each.value)
  cidr_ipv6         = "::/0"
}
