"""Service Quotas: a quota is what was asked for. The sandbox limits nothing by them."""
