output "portfolio_id" {
  description = "The portfolio."
  value       = aws_servicecatalog_portfolio.this.id
}

output "product_ids" {
  description = "Each product's id, by its key: what `CreateProject` asks for."
  value       = { for product, made in aws_servicecatalog_product.this : product => made.id }
}

output "templates" {
  description = "Where each version's template lies in the bucket, by `product/version`."
  value       = { for key, version in local.versions : key => version.key }
}
