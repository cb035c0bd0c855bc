mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111111111111" }
  }
  mock_data "aws_region" {
    defaults = { name = "eu-west-1" }
  }
  mock_data "aws_availability_zones" {
    defaults = { names = ["eu-west-1a", "eu-west-1b", "eu-west-1c"] }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

variables {
  name = "retail-dev"
}

run "two_private_zones_without_the_internet" {
  command = plan

  assert {
    condition     = [for zone, subnet in aws_subnet.private : subnet.cidr_block] == ["10.0.0.0/19", "10.0.32.0/19"]
    error_message = "Each zone has an eighth of the network."
  }
  assert {
    condition     = length(aws_nat_gateway.this) == 0 && length(aws_internet_gateway.this) == 0
    error_message = "Nothing reaches the internet unless asked for."
  }
  assert {
    condition     = alltrue([for endpoint in aws_vpc_endpoint.interface : endpoint.private_dns_enabled])
    error_message = "Services keep their names."
  }
  assert {
    condition     = length(aws_vpc_endpoint.gateway) == 2
    error_message = "S3 and DynamoDB have gateways."
  }
}

run "a_gateway_for_each_zone" {
  command = plan
  variables {
    zones = ["eu-west-1a", "eu-west-1b", "eu-west-1c"]
    nat   = "per_zone"
  }

  assert {
    condition     = length(aws_nat_gateway.this) == 3 && length(aws_route.nat) == 3
    error_message = "Each zone has its own way out."
  }
  assert {
    condition     = length(setintersection([for subnet in aws_subnet.public : subnet.cidr_block], [for subnet in aws_subnet.private : subnet.cidr_block])) == 0
    error_message = "Subnets must not overlap."
  }
}

run "a_zone_listed_twice_is_refused" {
  command = plan
  variables {
    zones = ["eu-west-1a", "eu-west-1a"]
  }
  expect_failures = [var.zones]
}

run "a_block_that_is_too_small_is_refused" {
  command = plan
  variables {
    cidr = "10.0.0.0/28"
  }
  expect_failures = [var.cidr]
}

run "nat_has_three_values" {
  command = plan
  variables {
    nat = "yes"
  }
  expect_failures = [var.nat]
}
