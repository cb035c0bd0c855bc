"""What happens by itself in an environment: schedules, mails, retraining, deliveries, approvals; quotas and products.

Pipelines are told by name: their ARNs follow from the environment's account and region. Every entry has a word of the
user's, which becomes part of the name of what is made of it.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field, StrictBool, StrictFloat, StrictInt, model_validator

from ropeway.config.fields import Branch, wrong
from ropeway.config.part import Part
from ropeway.config.words import (
    Expression,
    ForgePath,
    GroupName,
    Line,
    MetricPath,
    ParameterName,
    PipelineName,
    ProductWord,
    QuotaCode,
    RuleWord,
    ServiceCode,
    ShortRuleWord,
    StepName,
    TemplateFile,
    TimeZone,
    VersionWord,
    WorkflowFile,
)

__all__ = [
    "Approval",
    "Approvals",
    "Bounds",
    "Deliveries",
    "Delivery",
    "Drift",
    "Events",
    "Failure",
    "Groups",
    "Product",
    "Products",
    "Quota",
    "Quotas",
    "Schedule",
]


class Schedule(Part):
    """When a pipeline starts."""

    pipeline: PipelineName = Field(description="the pipeline's name")
    expression: Expression = Field(description="cron(…), rate(…) or at(…), as EventBridge Scheduler has them")
    timezone: TimeZone = Field(
        default="UTC", description="time zone of the expression, such as Europe/Zurich"
    )
    parameters: dict[ParameterName, str] = Field(
        default={}, max_length=200, description="parameters of the execution"
    )
    flexible_minutes: StrictInt = Field(
        default=0, ge=0, le=1440, description="the start may be so much later; 0 for at the minute"
    )
    enabled: StrictBool = Field(default=True, description="whether it starts")
    description: Line | None = Field(default=None, description="what people read about it")


class Failure(Part):
    """A pipeline whose bad ends people are told of."""

    pipeline: PipelineName = Field(description="the pipeline's name")
    statuses: tuple[Literal["Failed", "Stopped"], ...] = Field(
        default=("Failed",), min_length=1, description="ends that are told: Failed, Stopped"
    )


class Drift(Part):
    """A check that starts a training pipeline when it finds drift."""

    pipeline: PipelineName = Field(description="the pipeline that checks")
    steps: tuple[StepName, ...] = Field(
        min_length=1, description="its steps that fail on drift; no other failure retrains"
    )
    retrain: PipelineName = Field(description="the pipeline that trains anew")
    parameters: dict[ParameterName, str] = Field(default={}, max_length=200, description="its parameters")


class Events(Part):
    """What starts pipelines, and what their ends start; each by a word of yours."""

    schedules: dict[RuleWord, Schedule] = Field(default={}, description="when pipelines start")
    failures: dict[RuleWord, Failure] = Field(default={}, description="failures that people are told of")
    drift: dict[RuleWord, Drift] = Field(default={}, description="checks whose drift retrains")


class Delivery(Part):
    """What an approved version starts in CI."""

    group: GroupName = Field(description="the model package group")
    repository: ForgePath = Field(
        description="the repository that delivers; of the forge's organization, unless it names another"
    )
    workflow: WorkflowFile = Field(default="deploy.yml", description="its workflow")
    ref: Branch = Field(default="main", description="its branch or tag")


class Bounds(Part):
    """What a metric must be."""

    at_least: StrictFloat | None = Field(default=None, allow_inf_nan=False, description="no less than this")
    at_most: StrictFloat | None = Field(default=None, allow_inf_nan=False, description="no more than this")

    @model_validator(mode="after")
    def _bounded(self) -> Bounds:
        if self.at_least is None and self.at_most is None:
            raise wrong("bounds nothing", "give it at_least, at_most, or both")
        if self.at_least is not None and self.at_most is not None and self.at_least > self.at_most:
            raise wrong("at_least is more than at_most", "no metric can be both: exchange them")
        return self


class Approval(Part):
    """Versions that are approved by their metrics, not by people."""

    group: GroupName = Field(description="the model package group")
    metrics: dict[MetricPath, Bounds] = Field(
        min_length=1,
        description="bounds by the path of a number in the version's statistics, such as metrics.accuracy.value",
    )


class Quota(Part):
    """A quota to ask AWS for."""

    service: ServiceCode = Field(
        default="sagemaker", description="the service's code: aws service-quotas list-services"
    )
    code: QuotaCode = Field(description="the quota's code: aws service-quotas list-service-quotas")
    value: StrictFloat = Field(
        gt=0, allow_inf_nan=False, description="what is needed; AWS refuses less than there is"
    )


class Product(Part):
    """A template that projects are made from."""

    title: Line = Field(description="what people read first")
    description: Line = Field(default="", description="what people read then")
    versions: dict[VersionWord, TemplateFile] = Field(
        min_length=1,
        description="each version's CloudFormation template: a file, by its path from this one's folder",
    )
    current: VersionWord = Field(description="the version to use; the others are told to be old")

    @model_validator(mode="after")
    def _current_is_there(self) -> Product:
        if self.current not in self.versions:
            raise wrong(
                f"'current' is {self.current!r}, which is none of its versions",
                f"write one of {', '.join(self.versions)}",
            )
        return self


Approvals = dict[ShortRuleWord, Approval]
Deliveries = dict[ShortRuleWord, Delivery]
Groups = dict[GroupName, Line]
Products = dict[ProductWord, Product]
Quotas = dict[ShortRuleWord, Quota]
