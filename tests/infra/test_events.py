"""Events and schedules by real Terraform: apply, an empty plan, an update, destroy."""

from __future__ import annotations

from pathlib import Path

from tests.infra.conftest import Terraform

ROOT = """
variable "note" { default = "one" }
provider "aws" { max_retries = 3 }
resource "aws_iam_role" "this" {
  name = "sends"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:AssumeRole",
    Principal = { Service = ["events.amazonaws.com", "scheduler.amazonaws.com"] } }] })
}
resource "aws_cloudwatch_event_bus" "this" {
  name        = "own"
  description = var.note
  tags        = { note = var.note }
}
resource "aws_cloudwatch_event_bus_policy" "this" {
  event_bus_name = aws_cloudwatch_event_bus.this.name
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Sid = "other", Effect = "Allow",
    Action = "events:PutEvents", Principal = { AWS = "arn:aws:iam::222222222222:root" },
    Resource = aws_cloudwatch_event_bus.this.arn }] })
}
resource "aws_cloudwatch_event_permission" "this" {
  principal    = "222222222222"
  statement_id = "other"
}
resource "aws_cloudwatch_event_rule" "this" {
  name           = "own"
  event_bus_name = aws_cloudwatch_event_bus.this.name
  event_pattern  = jsonencode({ source = ["mine"], detail = { note = [var.note] } })
  tags           = { note = var.note }
}
resource "aws_cloudwatch_event_target" "this" {
  rule           = aws_cloudwatch_event_rule.this.name
  event_bus_name = aws_cloudwatch_event_bus.this.name
  arn            = "arn:aws:sqs:eu-west-1:111111111111:sent"
  input_transformer {
    input_paths    = { n = "$.detail.n" }
    input_template = "{\\"note\\": \\"${var.note}\\", \\"n\\": <n>}"
  }
  retry_policy {
    maximum_event_age_in_seconds = 60
    maximum_retry_attempts       = 3
  }
  dead_letter_config { arn = "arn:aws:sqs:eu-west-1:111111111111:sent" }
}
resource "aws_cloudwatch_event_rule" "daily" {
  name                = "daily"
  schedule_expression = "cron(0 6 * * ? *)"
  description         = var.note
}
resource "aws_cloudwatch_event_target" "bus" {
  rule     = aws_cloudwatch_event_rule.daily.name
  arn      = aws_cloudwatch_event_bus.this.arn
  role_arn = aws_iam_role.this.arn
}
resource "aws_scheduler_schedule_group" "this" {
  name = "own"
  tags = { note = var.note }
}
resource "aws_scheduler_schedule" "this" {
  name                         = "own"
  group_name                   = aws_scheduler_schedule_group.this.name
  description                  = var.note
  schedule_expression          = "rate(3 days)"
  schedule_expression_timezone = "Europe/Berlin"
  start_date                   = "2030-01-01T00:00:00Z"
  end_date                     = "2031-01-01T00:00:00Z"
  flexible_time_window {
    mode                      = "FLEXIBLE"
    maximum_window_in_minutes = 15
  }
  target {
    arn      = "arn:aws:sqs:eu-west-1:111111111111:sent"
    role_arn = aws_iam_role.this.arn
    input    = jsonencode({ note = var.note })
  }
}
resource "aws_scheduler_schedule" "plain" {
  name                = "plain"
  schedule_expression = "cron(0 6 ? * MON *)"
  flexible_time_window { mode = "OFF" }
  target {
    arn      = "arn:aws:scheduler:::aws-sdk:sqs:sendMessage"
    role_arn = aws_iam_role.this.arn
    input    = jsonencode({ QueueUrl = "http://localhost/111111111111/sent", MessageBody = "x" })
  }
}
resource "aws_cloudwatch_event_archive" "this" {
  name             = "kept"
  event_source_arn = aws_cloudwatch_event_bus.this.arn
  description      = var.note
  retention_days   = 3
  event_pattern    = jsonencode({ source = ["mine"] })
}
resource "aws_cloudwatch_event_connection" "this" {
  name               = "c"
  authorization_type = "API_KEY"
  auth_parameters {
    api_key {
      key   = "k"
      value = "v"
    }
  }
}
resource "aws_cloudwatch_event_api_destination" "this" {
  name                = "d"
  invocation_endpoint = "https://example.com/"
  http_method         = "POST"
  connection_arn      = aws_cloudwatch_event_connection.this.arn
}
"""


def test_events_and_schedules_are_applied_stay_are_updated_and_go(
    tmp_path: Path, on_sandbox: dict[str, str]
) -> None:
    # Queues are named and not made: they are waited for, and nothing is sent.
    (tmp_path / "main.tf").write_text(ROOT)
    terraform = Terraform(tmp_path, on_sandbox)
    terraform.well("init", "-input=false")
    terraform.well("apply", "-input=false", "-auto-approve", "-parallelism=30")
    assert terraform.changes() == []
    terraform.well("apply", "-input=false", "-auto-approve", "-var=note=two")
    assert terraform.changes("-var=note=two") == []
    terraform.well("destroy", "-input=false", "-auto-approve", "-var=note=two")
