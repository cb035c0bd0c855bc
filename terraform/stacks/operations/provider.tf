# Everything is tagged here, once. Credentials of another account are refused before anything is read.
provider "aws" {
  region              = var.region
  allowed_account_ids = [var.account]

  default_tags {
    tags = var.tags
  }
}
