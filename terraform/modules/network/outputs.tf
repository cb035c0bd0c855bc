output "vpc_id" {
  description = "The network."
  value       = aws_vpc.this.id
}

output "subnet_ids" {
  description = "The private subnets, in the order of the zones; known once the endpoints stand."
  value       = [for zone in local.zones : aws_subnet.private[zone].id]
  depends_on  = [aws_vpc_endpoint.gateway, aws_vpc_endpoint.interface, aws_route_table_association.private]
}

output "security_group_id" {
  description = "The group of jobs, Studio and functions."
  value       = aws_security_group.workloads.id
}
