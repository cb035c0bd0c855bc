# The catalog of projects: templates as versions of Service Catalog products, which leads launch by a role that they cannot
# take themselves. A version's template never changes: another template is another version.

data "aws_partition" "current" {}

data "aws_region" "current" {}

locals {
  host = "https://${var.bucket}.s3.${data.aws_region.current.name}.${data.aws_partition.current.dns_suffix}"

  versions = merge([
    for product, each in var.products : {
      for version, file in each.versions : "${product}/${version}" => {
        product = product
        version = version
        file    = file
        key     = "products/${product}/${version}/${filemd5(file)}.yaml"
      }
    }
  ]...)

  # A product is made with the version that was current then; it stays that product's oldest.
  oldest = { for product, made in aws_servicecatalog_product.this : product => made.provisioning_artifact_parameters[0].name }
  later  = { for key, version in local.versions : key => version if version.version != local.oldest[version.product] }
}

resource "aws_s3_object" "template" {
  for_each = local.versions

  bucket       = var.bucket
  key          = each.value.key
  source       = each.value.file
  source_hash  = filemd5(each.value.file)
  content_type = "application/yaml"
  kms_key_id   = var.kms_key_arn
  tags         = var.tags
}

resource "aws_servicecatalog_portfolio" "this" {
  name          = var.name
  description   = var.description
  provider_name = var.owner
  tags          = var.tags
}

resource "aws_servicecatalog_product" "this" {
  for_each = var.products

  name        = each.value.title
  description = each.value.description
  owner       = var.owner
  type        = "CLOUD_FORMATION_TEMPLATE"
  # Studio shows what has this tag as a template of projects.
  tags = merge(var.tags, { "sagemaker:studio-visibility" = "true" })

  provisioning_artifact_parameters {
    name         = each.value.current
    description  = "Version ${each.value.current}"
    type         = "CLOUD_FORMATION_TEMPLATE"
    template_url = "${local.host}/${aws_s3_object.template["${each.key}/${each.value.current}"].key}"
  }

  lifecycle {
    ignore_changes = [provisioning_artifact_parameters]
  }
}

resource "aws_servicecatalog_provisioning_artifact" "this" {
  for_each = local.later

  product_id   = aws_servicecatalog_product.this[each.value.product].id
  name         = each.value.version
  description  = "Version ${each.value.version}"
  type         = "CLOUD_FORMATION_TEMPLATE"
  template_url = "${local.host}/${aws_s3_object.template[each.key].key}"
  guidance     = each.value.version == var.products[each.value.product].current ? "DEFAULT" : "DEPRECATED"

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_servicecatalog_product_portfolio_association" "this" {
  for_each = aws_servicecatalog_product.this

  portfolio_id = aws_servicecatalog_portfolio.this.id
  product_id   = each.value.id
}

resource "aws_servicecatalog_constraint" "launch" {
  for_each = aws_servicecatalog_product.this

  portfolio_id = aws_servicecatalog_portfolio.this.id
  product_id   = each.value.id
  type         = "LAUNCH"
  description  = "Projects are made by ${var.launch_role_arn}"
  parameters   = jsonencode({ RoleArn = var.launch_role_arn })

  depends_on = [aws_servicecatalog_product_portfolio_association.this]
}

resource "aws_servicecatalog_principal_portfolio_association" "this" {
  for_each = var.principals

  portfolio_id  = aws_servicecatalog_portfolio.this.id
  principal_arn = each.value
}

# Lets SageMaker show projects in this account and region at all.
resource "aws_sagemaker_servicecatalog_portfolio_status" "this" {
  count = var.sagemaker_projects ? 1 : 0

  status = "Enabled"
}

check "versions_stay" {
  assert {
    condition = alltrue([
      for product, made in aws_servicecatalog_product.this :
      !contains(keys(var.products[product].versions), local.oldest[product])
      || endswith(made.provisioning_artifact_parameters[0].template_url, local.versions["${product}/${local.oldest[product]}"].key)
    ])
    error_message = "The template of a product's oldest version changed, which changes nothing: give the new template a version of its own."
  }
}
