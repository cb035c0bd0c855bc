"""The module ``retraining`` on a sandbox, through days of a virtual clock: applied by Terraform, fed by boto3."""

from __future__ import annotations

import json
import re
import shutil
import time
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import boto3
import pytest

from ropeway.drift.constraints import dump_constraints, suggest
from ropeway.drift.profiling import profile_files
from ropeway.drift.reading import Format
from ropeway.drift.statisticsfile import dump_statistics
from ropeway.sandbox.server import Server
from tests.infra.conftest import ACCOUNT, Terraform
from tests.sandbox.drift.conftest import Desk, table
from tests.sandbox.sagemaker.pipelines.conftest import IMAGE, Lab, passing

ROOT = Path(__file__).parents[2]
NAME, BUCKET, MAIL = "shop-severity", "shop-data-111111111111", "ml@acme.example"
DAY = 86_400
MAIN = """\
provider "aws" { max_retries = 3 }

variable "key" { type = string }

module "notifications" {
  source      = "../modules/notifications"
  name        = "shop"
  kms_key_arn = var.key
  emails      = ["ml@acme.example"]
}

module "approvals" {
  source      = "../modules/pipeline-events"
  name        = "shop-registry"
  kms_key_arn = var.key
  topic_arn   = module.notifications.arn
  approvals   = { severity = { group = "severity", statuses = ["PendingManualApproval"] } }
}

module "retraining" {
  source             = "../modules/retraining"
  name               = "shop-severity"
  inference_pipeline = "severity-inference"
  train_pipeline     = "severity-train"
  checks             = ["Check"]
  parameters         = { Rounds = "50" }
  cool_down_hours    = 30
  schedule           = { expression = "cron(0 23 * * ? *)", parameters = { Day = "today" } }
  topic_arn          = module.notifications.arn
  key_arns           = { function = var.key, messages = var.key }
  reports            = { places = ["shop-data-111111111111"] }
  package = {
    file   = "${path.module}/../stacks/environment/functions.zip"
    sha256 = filebase64sha256("${path.module}/../stacks/environment/functions.zip")
  }
}
"""


@dataclass
class Shop:
    """A use case whose batch of the day is one object."""

    sandbox: Server
    lab: Lab
    desk: Desk
    told: list[dict[str, Any]] = field(default_factory=list)

    def day(self, batch: str | None) -> str:
        """A day passes with a batch, or with none; how the day's inference ended."""
        if batch is None:
            self.desk.s3.delete_object(Bucket=BUCKET, Key="daily/batch.csv")
        else:
            self.desk.put("daily/batch.csv", batch)
        body = json.dumps({"advance": DAY}).encode()
        request = urllib.request.Request(f"{self.sandbox.endpoint}/_sandbox/clock", method="POST", data=body)
        with urllib.request.urlopen(request, timeout=100) as answer:
            assert json.load(answer)["fired"] == 1
        newest = self.executions("severity-inference")[0]
        return str(self.lab.ended(newest["PipelineExecutionArn"])["PipelineExecutionStatus"])

    def executions(self, pipeline: str) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.lab.sagemaker.list_pipeline_executions(PipelineName=pipeline)[
            "PipelineExecutionSummaries"
        ]
        return found

    def mails(self) -> list[dict[str, Any]]:
        """Every mail."""
        with urllib.request.urlopen(f"{self.sandbox.endpoint}/_sandbox/mail?to={MAIL}") as answer:
            found: list[dict[str, Any]] = json.load(answer)["mails"]
        return found

    def mail(self) -> tuple[str, str]:
        """The next mail of the function: its subject and its text."""
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            found = [each for each in self.mails() if each["subject"].startswith(NAME)]
            if len(found) > len(self.told):
                self.told = found
                return found[-1]["subject"], found[-1]["body"]
            time.sleep(0.1)
        raise AssertionError(f"no mail came after {[each['subject'] for each in self.told]}")


@pytest.fixture
def client(sandbox: Server) -> Callable[[str], Any]:
    def make(service: str) -> Any:
        return boto3.client(
            service,
            endpoint_url=sandbox.endpoint,
            region_name="eu-west-1",
            aws_access_key_id=ACCOUNT,
            aws_secret_access_key="secret",
        )

    return make


def key(kms: Any) -> str:
    """A key that the account and AWS's services may use; Terraform would wait for it for a quarter of a minute."""
    statements = [
        {
            "Effect": "Allow",
            "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"},
            "Action": "kms:*",
            "Resource": "*",
        },
        {
            "Effect": "Allow",
            "Principal": {"Service": ["events.amazonaws.com", "cloudwatch.amazonaws.com"]},
            "Action": ["kms:Decrypt", "kms:GenerateDataKey*"],
            "Resource": "*",
        },
    ]
    policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
    return str(kms.create_key(Policy=policy)["KeyMetadata"]["Arn"])


@pytest.fixture
def shop(sandbox: Server, client: Callable[[str], Any], tmp_path: Path, on_sandbox: dict[str, str]) -> Shop:
    """Two pipelines, and the loop around them."""
    place = tmp_path / "terraform"
    shutil.copytree(ROOT / "terraform", place, ignore=shutil.ignore_patterns(".terraform*"))
    (place / "shop").mkdir()
    (place / "shop" / "main.tf").write_text(MAIN)
    terraform = Terraform(place / "shop", on_sandbox)
    terraform.well("init", "-input=false")
    terraform.well(
        "apply", "-input=false", "-auto-approve", "-parallelism=30", f"-var=key={key(client('kms'))}"
    )
    s3, lab = client("s3"), Lab(client("sagemaker"))
    s3.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    desk = Desk(s3, BUCKET)
    (tmp_path / "train.csv").write_text(table(800))
    profile = profile_files([tmp_path / "train.csv"], Format("csv", header=True))
    baseline: dict[str, Any] = {
        "SuppliedBaselineStatistics": desk.put("statistics.json", json.dumps(dump_statistics(profile))),
        "SuppliedBaselineConstraints": desk.put(
            "constraints.json", json.dumps(dump_constraints(suggest(profile)))
        ),
    }
    check = desk.quality("Check", f"s3://{BUCKET}/daily/batch.csv", **baseline)
    lab.create(
        check,
        passing("Predict", DependsOn=["Check"]),
        parameters=[{"Name": "Day", "Type": "String", "DefaultValue": ""}],
        PipelineName="severity-inference",
    )
    names = ("Rounds", "RetrainingReason", "DriftReportUrl", "DriftedDataUrl")
    lab.create(
        passing("Fit"),
        parameters=[{"Name": name, "Type": "String", "DefaultValue": ""} for name in names],
        PipelineName="severity-train",
    )
    made = Shop(sandbox, lab, desk)
    (asked,) = made.mails()
    urllib.request.urlopen(asked["link"]).close()
    return made


@pytest.mark.timeout(400)
def test_only_drift_retrains_and_only_once_in_the_cool_down(shop: Shop, client: Callable[[str], Any]) -> None:
    assert shop.day(table(100, seed=7)) == "Succeeded"
    assert shop.executions("severity-train") == []

    assert shop.day(table(100, shift=1.0, seed=8)) == "Failed"
    subject, text = shop.mail()
    (trained,) = shop.executions("severity-train")
    inference = shop.executions("severity-inference")[0]["PipelineExecutionArn"]
    assert subject == f"{NAME}: retraining started"
    assert "- x: Baseline drift: the distance " in text
    assert trained["PipelineExecutionArn"] in text
    assert trained["PipelineExecutionDisplayName"] == f"drift-{inference.rpartition('/')[2]}"
    assert trained["PipelineExecutionDescription"].startswith("severity-inference found drift: x: ")
    listed = shop.lab.sagemaker.list_pipeline_parameters_for_execution(
        PipelineExecutionArn=trained["PipelineExecutionArn"]
    )["PipelineParameters"]
    given = {each["Name"]: each["Value"] for each in listed}
    report = shop.lab.steps(inference)["Check"]["Metadata"]["QualityCheck"]["ViolationReport"]
    assert given == {
        "Rounds": "50",
        "RetrainingReason": trained["PipelineExecutionDescription"],
        "DriftReportUrl": report,
        "DriftedDataUrl": f"s3://{BUCKET}/daily/batch.csv",
    }

    assert shop.day(table(100, shift=1.0, seed=9)) == "Failed"
    subject, text = shop.mail()
    assert subject == f"{NAME}: drift, no retraining"
    assert "24.0 hours before, and the cool-down is 30 hours." in text

    assert shop.day(re.sub(r"^-[\d.]+", "", table(100, seed=7), count=20, flags=re.MULTILINE)) == "Failed"
    subject, text = shop.mail()
    assert subject == f"{NAME}: bad data, no retraining"
    assert "(completeness_check)" in text

    assert shop.day(None) == "Failed"
    subject, text = shop.mail()
    assert subject == f"{NAME}: check failed, no retraining"
    assert len(shop.executions("severity-train")) == 1
    shop.lab.until(lambda: sum(": Failed." in each["body"] for each in shop.mails()) == 4)
    assert _waits(shop) == (
        f"Version 1 of severity waits for approval: arn:aws:sagemaker:eu-west-1:{ACCOUNT}:model-package/severity/1"
        " Trained anew AUC 0.91 beats 0.88"
    )
    assert _verdicts(client("iam")) == {"severity-train": "allowed", "severity-inference": "implicitDeny"}


def _waits(shop: Shop) -> str:
    """What people are told when a version is registered."""
    sagemaker, group = shop.lab.sagemaker, "severity"
    sagemaker.create_model_package_group(ModelPackageGroupName=group)
    shop.desk.put("model.tar.gz", "none")
    sagemaker.create_model_package(
        ModelPackageGroupName=group,
        ModelPackageDescription="Trained anew",
        ModelApprovalStatus="PendingManualApproval",
        CustomerMetadataProperties={"comparison": "AUC 0.91 beats 0.88"},
        InferenceSpecification={
            "Containers": [{"Image": IMAGE, "ModelDataUrl": f"s3://{BUCKET}/model.tar.gz"}],
            "SupportedContentTypes": ["text/csv"],
            "SupportedResponseMIMETypes": ["text/csv"],
        },
    )

    def told() -> list[str]:
        return [each["body"] for each in shop.mails() if "waits for approval" in each["body"]]

    shop.lab.until(lambda: bool(told()))
    (text,) = told()
    return str(text).strip().strip('"').strip()


def _verdicts(iam: Any) -> dict[str, str]:
    """Which pipelines the function's role may start."""
    pipelines = ("severity-train", "severity-inference")
    return {
        name: iam.simulate_principal_policy(
            PolicySourceArn=f"arn:aws:iam::{ACCOUNT}:role/{NAME}-retraining",
            ActionNames=["sagemaker:StartPipelineExecution"],
            ResourceArns=[f"arn:aws:sagemaker:eu-west-1:{ACCOUNT}:pipeline/{name}"],
        )["EvaluationResults"][0]["EvalDecision"]
        for name in pipelines
    }
