"""Service Catalog: portfolios, products with their artifacts, who may launch them and how. Nothing is launched yet."""
