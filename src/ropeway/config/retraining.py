"""The retraining loop of a use case: what runs by the clock, what is drift, and how often it may retrain."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, StrictFloat, StrictInt, model_validator

from ropeway.config.fields import EnvironmentName, Text, wrong
from ropeway.config.part import Part
from ropeway.config.words import Expression, GroupName, ParameterName, PipelineName, StepName, TimeZone

__all__ = ["TOLD", "Budget", "Given", "Mails", "Retraining", "Retrainings", "Windows"]

# Parameters of the train pipeline that the function fills in, where the pipeline declares them.
TOLD = ("RetrainingReason", "DriftReportUrl", "DriftedDataUrl")
_Parameters = dict[ParameterName, str]
_Ends = tuple[Literal["Failed", "Stopped"], ...]
UseCase = Annotated[
    str,
    Text(
        r"(?=.{1,20}$)[a-z][a-z0-9]*(-[a-z0-9]+)*",
        "a use case's name",
        "write 1 to 20 small letters, digits and single dashes, a letter first, such as severity",
    ),
]
FunctionName = Annotated[
    str,
    Text(r"[A-Za-z0-9_-]{1,64}", "a function's name", "write letters, digits, _ and -: the name alone"),
]
Kind = Annotated[
    str,
    Text(
        r"[A-Za-z_]{1,64}",
        "a kind of violations",
        "write it as reports do, such as baseline_drift_check",
    ),
]


class Given(Part):
    """Fixed parameters of both pipelines."""

    inference: _Parameters = Field(default={}, max_length=200, description="of scheduled inference")
    train: _Parameters = Field(
        default={},
        max_length=197,
        description="of every retraining, besides RetrainingReason, DriftReportUrl and DriftedDataUrl",
    )

    @model_validator(mode="after")
    def _told(self) -> Given:
        for name in TOLD:
            if name in self.train:
                raise wrong(
                    f"{name!r} is told by what was found", f"take it out of 'train'; declare {name} there"
                )
        return self


class Mails(Part):
    """How executions end that people are told of; an empty list for none."""

    inference: _Ends = Field(default=("Failed",), max_length=2, description="Failed, Stopped")
    train: _Ends = Field(default=("Failed",), max_length=2, description="Failed, Stopped")


class Windows(Part):
    """In how many of the last executions data must have drifted."""

    needed: StrictInt = Field(default=1, ge=1, description="in so many")
    of: StrictInt = Field(
        default=1,
        ge=1,
        le=100,
        description="of the last executions that ended, the one that drifted included",
    )

    @model_validator(mode="after")
    def _possible(self) -> Windows:
        if self.needed > self.of:
            raise wrong(
                f"'needed' is {self.needed}, and 'of' only {self.of}",
                "so many cannot drift: raise 'of', or lower 'needed'",
            )
        return self


class Budget(Part):
    """How often drift may retrain."""

    retrainings: StrictInt = Field(default=3, ge=0, description="at most so many")
    days: StrictFloat = Field(default=30, gt=0, le=366, description="in so many days")


class Retraining(Part):
    """A use case that retrains when its data drift, and only then."""

    environments: tuple[EnvironmentName, ...] | None = Field(
        default=None, min_length=1, description="where it runs; in the last environment when nothing is said"
    )
    group: GroupName = Field(
        description="the model package group in the operations account; made there, and written to from here"
    )
    train: PipelineName = Field(description="the pipeline that trains, by name")
    inference: PipelineName = Field(description="the pipeline that checks data and uses the model, by name")
    checks: tuple[StepName, ...] = Field(
        min_length=1, description="its QualityCheck and ClarifyCheck steps that fail on violations"
    )
    functions: tuple[FunctionName, ...] = Field(
        default=(), description="functions that Lambda steps of both pipelines call, by name"
    )
    drift: tuple[Kind, ...] = Field(
        default=("baseline_drift_check",),
        min_length=1,
        description="kinds of violations that are drift; any other is bad data, which never retrains",
    )
    schedule: Expression | None = Field(
        default=None,
        description="when inference runs: cron(…), rate(…) or at(…); not by the clock when nothing is said",
    )
    timezone: TimeZone = Field(default="UTC", description="time zone of the schedule, such as Europe/Zurich")
    parameters: Given = Field(default=Given(), description="fixed parameters of both pipelines")
    failures: Mails = Field(default=Mails(), description="bad ends that people are told of")
    windows: Windows = Field(default=Windows(), description="how many executions must have drifted; 1 of 1")
    cool_down_hours: StrictFloat = Field(
        default=24, ge=0, le=8760, description="from one retraining for drift to the next"
    )
    budget: Budget = Field(default=Budget(), description="how often drift may retrain; 3 times in 30 days")


Retrainings = dict[UseCase, Retraining]
