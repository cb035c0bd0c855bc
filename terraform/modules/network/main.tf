# A network for jobs, Studio and functions: private subnets, AWS services by private addresses with their usual names,
# and no way to the internet unless asked for.

data "aws_availability_zones" "available" {
  state = "available"
}

data "aws_caller_identity" "current" {}

data "aws_region" "current" {}

locals {
  zones   = length(var.zones) > 0 ? var.zones : slice(data.aws_availability_zones.available.names, 0, 2)
  private = { for index, zone in local.zones : zone => cidrsubnet(var.cidr, 3, index) }
  # The last eighth of the addresses is for the public subnets, which only NAT gateways live in.
  public   = var.nat == "none" ? {} : { for index, zone in local.zones : zone => cidrsubnet(cidrsubnet(var.cidr, 3, 7), 3, index) }
  gateways = var.nat == "none" ? toset([]) : var.nat == "single" ? toset([local.zones[0]]) : toset(local.zones)
  accounts = setunion(var.accounts, [data.aws_caller_identity.current.account_id])
}

resource "aws_vpc" "this" {
  cidr_block           = var.cidr
  enable_dns_hostnames = true
  enable_dns_support   = true
  tags                 = merge(var.tags, { Name = var.name })
}

# What AWS lets through by default, nothing here needs.
resource "aws_default_security_group" "this" {
  vpc_id = aws_vpc.this.id
  tags   = merge(var.tags, { Name = "${var.name}-unused" })
}

resource "aws_subnet" "private" {
  for_each = local.private

  vpc_id            = aws_vpc.this.id
  availability_zone = each.key
  cidr_block        = each.value
  tags              = merge(var.tags, { Name = "${var.name}-private-${each.key}" })
}

resource "aws_route_table" "private" {
  for_each = local.private

  vpc_id = aws_vpc.this.id
  tags   = merge(var.tags, { Name = "${var.name}-private-${each.key}" })
}

resource "aws_route_table_association" "private" {
  for_each = local.private

  subnet_id      = aws_subnet.private[each.key].id
  route_table_id = aws_route_table.private[each.key].id
}

resource "aws_security_group" "workloads" {
  #checkov:skip=CKV2_AWS_5:jobs, Studio and functions are attached to it outside this module
  name        = "${var.name}-workloads"
  description = "Jobs, Studio and functions"
  vpc_id      = aws_vpc.this.id
  tags        = merge(var.tags, { Name = "${var.name}-workloads" })
}

# Jobs of several instances, and Studio with its kernels, talk to each other.
resource "aws_vpc_security_group_ingress_rule" "among_workloads" {
  security_group_id            = aws_security_group.workloads.id
  description                  = "Among each other"
  ip_protocol                  = "-1"
  referenced_security_group_id = aws_security_group.workloads.id
}

resource "aws_vpc_security_group_egress_rule" "among_workloads" {
  security_group_id            = aws_security_group.workloads.id
  description                  = "Among each other"
  ip_protocol                  = "-1"
  referenced_security_group_id = aws_security_group.workloads.id
}

resource "aws_vpc_security_group_egress_rule" "https" {
  security_group_id = aws_security_group.workloads.id
  description       = "AWS services, and the internet where there is NAT"
  ip_protocol       = "tcp"
  from_port         = 443
  to_port           = 443
  cidr_ipv4         = "0.0.0.0/0"
}
