mock_provider "aws" {
  mock_data "aws_caller_identity" {
    defaults = { account_id = "111111111111" }
  }
  mock_data "aws_partition" {
    defaults = { partition = "aws" }
  }
  mock_data "aws_region" {
    defaults = { name = "eu-west-1" }
  }
  mock_data "aws_iam_policy_document" {
    defaults = { json = "{}" }
  }
}

variables {
  name        = "retail-severity"
  kms_key_arn = "arn:aws:kms:eu-west-1:111111111111:key/0000"
  topic_arn   = "arn:aws:sns:eu-west-1:111111111111:ml"
}

run "nothing_is_started_by_nothing" {
  command = plan

  assert {
    condition     = length(aws_iam_role.this) == 0 && length(aws_cloudwatch_event_rule.this) == 0 && length(aws_scheduler_schedule.this) == 0
    error_message = "Without pipelines there is no role that could start any."
  }
}

run "a_schedule_starts_its_pipeline_and_no_other" {
  command = plan
  variables {
    schedules = {
      nightly = {
        pipeline_arn = "arn:aws:sagemaker:eu-west-1:111111111111:pipeline/inference"
        expression   = "cron(0 23 * * ? *)"
        parameters   = { Source = "daily" }
      }
    }
  }

  assert {
    condition     = data.aws_iam_policy_document.start[0].statement[0].resources == toset(["arn:aws:sagemaker:eu-west-1:111111111111:pipeline/inference"])
    error_message = "The role starts what is scheduled."
  }
  assert {
    condition     = one(aws_scheduler_schedule.this["nightly"].target[0].sagemaker_pipeline_parameters[0].pipeline_parameter).value == "daily"
    error_message = "Parameters are passed."
  }
  assert {
    condition     = aws_scheduler_schedule.this["nightly"].flexible_time_window[0].mode == "OFF" && aws_scheduler_schedule.this["nightly"].schedule_expression_timezone == "UTC"
    error_message = "It starts at the minute, in UTC, unless told."
  }
}

run "a_failure_is_told_in_words" {
  command = plan
  variables {
    failures = { train = { pipeline_arn = "arn:aws:sagemaker:eu-west-1:111111111111:pipeline/train" } }
  }

  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.this["train-failed"].event_pattern).detail.currentPipelineExecutionStatus == ["Failed"]
    error_message = "Only failures are told of by default."
  }
  assert {
    condition     = strcontains(aws_cloudwatch_event_target.topic["train-failed"].input_transformer[0].input_template, "<status>")
    error_message = "People get a sentence."
  }
  assert {
    condition     = length(aws_iam_role.this) == 0
    error_message = "Telling needs no role."
  }
}

run "only_a_step_that_checks_retrains" {
  command = plan
  variables {
    drift = {
      data = {
        pipeline_arn = "arn:aws:sagemaker:eu-west-1:111111111111:pipeline/inference"
        steps        = ["DataQualityCheck"]
        retrain_arn  = "arn:aws:sagemaker:eu-west-1:111111111111:pipeline/train"
      }
    }
  }

  assert {
    condition     = jsondecode(aws_cloudwatch_event_rule.this["data-drift"].event_pattern).detail.stepName == ["DataQualityCheck"]
    error_message = "Another failure must not retrain."
  }
  assert {
    condition     = aws_cloudwatch_event_target.pipeline["data-drift"].arn == "arn:aws:sagemaker:eu-west-1:111111111111:pipeline/train"
    error_message = "Drift trains anew."
  }
}

run "a_function_may_decide_on_drift" {
  command = plan
  variables {
    drift = {
      data = {
        pipeline_arn = "arn:aws:sagemaker:eu-west-1:111111111111:pipeline/inference"
        steps        = ["DataQualityCheck"]
        function     = { arn = "arn:aws:lambda:eu-west-1:111111111111:function:retrain" }
      }
    }
  }

  assert {
    condition     = aws_cloudwatch_event_target.function["data-drift"].arn == "arn:aws:lambda:eu-west-1:111111111111:function:retrain" && aws_lambda_permission.this["data-drift"].source_account == "111111111111"
    error_message = "The rule calls the function, and may."
  }
  assert {
    condition     = length(aws_cloudwatch_event_target.pipeline) == 0 && length(aws_cloudwatch_event_target.topic) == 0 && length(aws_iam_role.this) == 0
    error_message = "The function decides, starts and tells; the rule does none of it."
  }
}

run "a_version_that_waits_is_told_with_what_it_says_of_itself" {
  command = plan
  variables {
    approvals = { severity = { group = "severity", statuses = ["PendingManualApproval"] } }
  }

  assert {
    condition     = strcontains(aws_cloudwatch_event_target.topic["severity-approval"].input_transformer[0].input_template, "<version> of <group> waits for approval: <package> <description> <comparison>")
    error_message = "People read what waits and how it compares."
  }
}

run "a_drift_rule_starts_or_calls" {
  command = plan
  variables {
    drift = { data = { pipeline_arn = "arn:aws:sagemaker:eu-west-1:111111111111:pipeline/inference", steps = ["Check"] } }
  }
  expect_failures = [var.drift]
}

run "an_approval_may_call_a_function" {
  command = plan
  variables {
    approvals = { deploy = { group = "severity", function = { arn = "arn:aws:lambda:eu-west-1:111111111111:function:deploy" } } }
  }

  assert {
    condition     = aws_lambda_permission.this["deploy-approval"].source_account == "111111111111"
    error_message = "The rule may call the function."
  }
  assert {
    condition     = length(aws_cloudwatch_event_target.pipeline) == 0
    error_message = "No pipeline was asked for."
  }
}

run "quiet_rules_do_not_fire" {
  command = plan
  variables {
    enabled   = false
    notify    = false
    topic_arn = null
    failures  = { train = { pipeline_arn = "arn:aws:sagemaker:eu-west-1:111111111111:pipeline/train" } }
  }

  assert {
    condition     = aws_cloudwatch_event_rule.this["train-failed"].state == "DISABLED" && length(aws_cloudwatch_event_target.topic) == 0
    error_message = "Nothing fires, nobody is told."
  }
}

run "the_queue_is_for_these_rules" {
  command = plan

  assert {
    condition     = anytrue([for condition in data.aws_iam_policy_document.queue.statement[0].condition : contains(condition.values, "arn:aws:events:eu-west-1:111111111111:rule/retail-severity-*")])
    error_message = "Other rules must not fill the queue."
  }
}

run "a_topic_is_needed_to_tell" {
  command = plan
  variables {
    topic_arn = null
  }
  expect_failures = [var.topic_arn]
}

run "an_expression_is_the_schedulers" {
  command = plan
  variables {
    schedules = { nightly = { pipeline_arn = "arn:aws:sagemaker:eu-west-1:111111111111:pipeline/inference", expression = "0 23 * * *" } }
  }
  expect_failures = [var.schedules]
}

run "a_drift_rule_names_steps" {
  command = plan
  variables {
    drift = {
      data = {
        pipeline_arn = "arn:aws:sagemaker:eu-west-1:111111111111:pipeline/inference"
        steps        = []
        retrain_arn  = "arn:aws:sagemaker:eu-west-1:111111111111:pipeline/train"
      }
    }
  }
  expect_failures = [var.drift]
}
