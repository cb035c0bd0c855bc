# A SageMaker pipeline from a definition document, as `ropeway pipeline` or any SDK writes it: a file that is reviewed with the
# code, or a version of an object in S3. A change of the document is a new version of the same pipeline.

locals {
  pipeline = one(concat(aws_sagemaker_pipeline.this, aws_sagemaker_pipeline.stored))
}

resource "aws_sagemaker_pipeline" "this" {
  count = var.definition.s3 == null ? 1 : 0

  pipeline_name         = var.name
  pipeline_display_name = coalesce(var.display_name, var.name)
  pipeline_description  = var.description
  pipeline_definition   = var.definition.json
  role_arn              = var.role_arn
  tags                  = var.tags

  parallelism_configuration {
    max_parallel_execution_steps = var.max_parallel_steps
  }
}

# SageMaker tells the document itself, wherever it came from; without ignoring it every plan would take it away.
resource "aws_sagemaker_pipeline" "stored" {
  count = var.definition.s3 == null ? 0 : 1

  pipeline_name         = var.name
  pipeline_display_name = coalesce(var.display_name, var.name)
  pipeline_description  = var.description
  role_arn              = var.role_arn
  tags                  = var.tags

  pipeline_definition_s3_location {
    bucket     = var.definition.s3.bucket
    object_key = var.definition.s3.key
    version_id = var.definition.s3.version_id
  }

  parallelism_configuration {
    max_parallel_execution_steps = var.max_parallel_steps
  }

  lifecycle {
    ignore_changes = [pipeline_definition]
  }
}
