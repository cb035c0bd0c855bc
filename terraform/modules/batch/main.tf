# Scheduled batch inference: a model, a pipeline of one Transform step, and a schedule that starts it. A pipeline rather than a bare
# transform job, because a job's name must be new each time: executions name their jobs, keep their history, and tell of
# failures. Outputs of each execution lie apart, under its id.

locals {
  transform = {
    ModelName = module.model.name
    TransformInput = merge(
      { for name, value in { ContentType = var.input.content_type, SplitType = var.input.split_type, CompressionType = var.input.compression_type } : name => value if value != null },
      { DataSource = { S3DataSource = { S3DataType = "S3Prefix", S3Uri = { Get = "Parameters.InputUri" } } } },
    )
    TransformOutput = { for name, value in {
      S3OutputPath = { "Std:Join" = { On = "/", Values = [{ Get = "Parameters.OutputUri" }, { Get = "Execution.PipelineExecutionId" }] } }
      Accept       = var.output.accept
      AssembleWith = var.output.assemble_with
      KmsKeyId     = var.kms_key_arn
    } : name => value if value != null }
    TransformResources = {
      InstanceType   = var.instances.type
      InstanceCount  = var.instances.count
      VolumeKmsKeyId = var.kms_key_arn
    }
  }
  processing = { for name, value in {
    InputFilter  = var.records.input_filter
    JoinSource   = var.records.join_source
    OutputFilter = var.records.output_filter
  } : name => value if value != null }
  requests = { for name, value in {
    BatchStrategy           = var.requests.strategy
    MaxConcurrentTransforms = var.requests.concurrency
    MaxPayloadInMB          = var.requests.payload_mb
  } : name => value if value != null }
  filters = length(local.processing) > 0 ? { DataProcessing = local.processing } : {}

  definition = {
    Version  = "2020-12-01"
    Metadata = {}
    Parameters = [
      { Name = "InputUri", Type = "String", DefaultValue = var.input.uri },
      { Name = "OutputUri", Type = "String", DefaultValue = trimsuffix(var.output.uri, "/") },
    ]
    Steps = [{ Name = "Transform", Type = "Transform", Arguments = merge(local.transform, local.requests, local.filters) }]
  }
}

module "model" {
  source = "../model"

  name      = var.name
  container = var.container
  role_arn  = var.role_arn
  network   = var.network
  isolated  = var.isolated
  tags      = var.tags
}

module "pipeline" {
  source = "../pipeline"

  name        = var.name
  description = "Batch inference by ${module.model.name}"
  definition  = { json = jsonencode(local.definition) }
  role_arn    = var.pipeline_role_arn
  tags        = var.tags
}

module "events" {
  source = "../pipeline-events"

  name        = var.name
  kms_key_arn = var.kms_key_arn
  notify      = var.notify
  topic_arn   = var.topic_arn
  schedules = var.schedule == null ? {} : {
    run = {
      pipeline_arn     = module.pipeline.arn
      expression       = var.schedule.expression
      timezone         = var.schedule.timezone
      flexible_minutes = var.schedule.flexible_minutes
      enabled          = var.schedule.enabled
    }
  }
  failures             = { run = { pipeline_arn = module.pipeline.arn } }
  permissions_boundary = var.permissions_boundary
  tags                 = var.tags
}
