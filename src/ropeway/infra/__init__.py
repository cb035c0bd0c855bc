"""The Terraform driver: which Terraform, from where its providers come, what it is told and what it says."""
