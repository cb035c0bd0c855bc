# Where people work, in the first environment alone: Studio and the catalog that projects are made from.

module "studio" {
  source = "../../modules/studio"
  count  = var.first ? 1 : 0

  name        = var.names.domain.studio
  network     = local.network
  kms_key_arn = local.keys.data
  users       = var.users
  keep_files  = !var.disposable

  role_arns = {
    studio         = module.roles.role_arns["studio"]
    data_scientist = module.roles.role_arns["data-scientist"]
    lead           = module.roles.role_arns["lead"]
  }
}

module "catalog_bucket" {
  source = "../../modules/bucket"
  count  = var.first ? 1 : 0

  name           = var.names.bucket.catalog
  kms_key_arn    = local.keys.artifacts
  log_bucket     = { name = module.logs.name }
  lifecycle_days = { abort_uploads = 7 }
  force_destroy  = var.disposable
}

module "catalog" {
  source = "../../modules/project-catalog"
  count  = var.first ? 1 : 0

  name               = var.names.portfolio.projects
  owner              = var.prefix
  bucket             = module.catalog_bucket[0].name
  launch_role_arn    = module.roles.role_arns["catalog-launch"]
  principals         = { leads = module.roles.role_arns["lead"] }
  products           = var.products
  sagemaker_projects = var.sagemaker_projects
}
