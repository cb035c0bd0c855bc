# A SageMaker pipeline from a definition document, as `ropeway pipeline` or any SDK writes it: a file that is reviewed with the
# code, or a version of an object in S3. A change of the document is a new version of the same pipeline.

resource "aws_sagemaker_pipeline" "this" {
  pipeline_name         = var.name
  pipeline_display_name = coalesce(var.display_name, var.name)
  pipeline_description  = var.description
  pipeline_definition   = var.definition.json
  role_arn              = var.role_arn
  tags                  = var.tags

  dynamic "pipeline_definition_s3_location" {
    for_each = var.definition.s3[*]

    content {
      bucket     = pipeline_definition_s3_location.value.bucket
      object_key = pipeline_definition_s3_location.value.key
      version_id = pipeline_definition_s3_location.value.version_id
    }
  }

  parallelism_configuration {
    max_parallel_execution_steps = var.max_parallel_steps
  }
}
