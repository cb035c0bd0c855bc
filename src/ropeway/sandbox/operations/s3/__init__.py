"""S3's operations: from the parsed request to the domain and back. Importing the package registers them."""

from __future__ import annotations

from ropeway.sandbox.operations.s3 import buckets, copies, details, documents, lists, objects, uploads

__all__ = ["buckets", "copies", "details", "documents", "lists", "objects", "uploads"]
