"""S3: buckets, objects and their versions, uploads in parts, bucket policies."""
