mock_provider "aws" {}

variables {
  name      = "severity"
  role_arn  = "arn:aws:iam::111111111111:role/serving"
  topic_arn = "arn:aws:sns:eu-west-1:111111111111:ml"
  variants  = { main = { container = { image = "111111111111.dkr.ecr.eu-west-1.amazonaws.com/serving:1" } } }
}

run "an_update_is_a_canary_that_alarms_call_off" {
  command = plan

  assert {
    condition     = aws_sagemaker_endpoint.this.deployment_config[0].blue_green_update_policy[0].traffic_routing_configuration[0].type == "CANARY"
    error_message = "A part of the traffic tries an update first."
  }
  assert {
    condition     = one(one(aws_sagemaker_endpoint.this.deployment_config[0].auto_rollback_configuration).alarms).alarm_name == "severity-main-errors"
    error_message = "Errors call it off."
  }
  assert {
    condition     = length(aws_appautoscaling_target.this) == 0 && length(aws_sagemaker_endpoint_configuration.this.data_capture_config) == 0
    error_message = "Nothing scales and nothing is captured unless told."
  }
}

run "an_endpoint" {
  command = apply

  assert {
    condition     = can(regex("^severity-main-[0-9a-f]{8}$", output.model_names["main"])) && can(regex("^severity-[0-9a-f]{8}$", output.config_name))
    error_message = "Models and configuration are named by what they are."
  }
}

run "another_weight_is_another_configuration_of_the_same_models" {
  command = apply
  variables {
    variants = { main = { container = { image = "111111111111.dkr.ecr.eu-west-1.amazonaws.com/serving:1" }, weight = 2 } }
  }

  assert {
    condition     = output.config_name != run.an_endpoint.config_name
    error_message = "The configuration must be another."
  }
  assert {
    condition     = output.model_names["main"] == run.an_endpoint.model_names["main"]
    error_message = "The model stays."
  }
}

run "a_variant_may_scale" {
  command = plan
  variables {
    variants = {
      main = {
        container = { image = "111111111111.dkr.ecr.eu-west-1.amazonaws.com/serving:1" }
        scaling   = { min = 2, max = 5, invocations_per_instance = 100 }
      }
    }
  }

  assert {
    condition     = aws_appautoscaling_target.this["main"].resource_id == "endpoint/severity/variant/main"
    error_message = "The variant's count is scaled."
  }
  assert {
    condition     = aws_appautoscaling_policy.this["main"].target_tracking_scaling_policy_configuration[0].target_value == 100
    error_message = "It follows the requests."
  }
}

run "alarms_need_not_call_off" {
  command = plan
  variables {
    alarms = { errors = null, latency_ms = 200, rollback = false }
  }

  assert {
    condition     = keys(aws_cloudwatch_metric_alarm.this) == ["main-latency"] && aws_cloudwatch_metric_alarm.this["main-latency"].threshold == 200000
    error_message = "Latency is told in microseconds."
  }
  assert {
    condition     = length(aws_sagemaker_endpoint.this.deployment_config[0].auto_rollback_configuration) == 0
    error_message = "Nothing calls an update off."
  }
}

run "weights_are_not_all_none" {
  command = plan
  variables {
    variants = { main = { container = { image = "serving" }, weight = 0 } }
  }
  expect_failures = [var.variants]
}

run "bounds_have_an_order" {
  command = plan
  variables {
    variants = { main = { container = { image = "serving" }, scaling = { min = 3, max = 2, invocations_per_instance = 1 } } }
  }
  expect_failures = [var.variants]
}

run "a_part_is_sagemakers" {
  command = plan
  variables {
    rollout = { percent = 90 }
  }
  expect_failures = [var.rollout]
}

run "captured_requests_lie_in_s3" {
  command = plan
  variables {
    capture = { uri = "/captured" }
  }
  expect_failures = [var.capture]
}

run "a_topic_is_needed_to_tell" {
  command = plan
  variables {
    topic_arn = null
  }
  expect_failures = [var.topic_arn]
}
