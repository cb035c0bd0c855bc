"""The model registry: package groups, versioned and unversioned packages, approval."""
