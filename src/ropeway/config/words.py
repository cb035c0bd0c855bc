"""The words of what happens by itself: pipelines, steps, schedules, rules, quotas, products."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator

from ropeway.config.fields import Text, wrong

__all__ = [
    "Expression",
    "ForgePath",
    "GroupName",
    "Line",
    "MetricPath",
    "ParameterName",
    "PipelineName",
    "ProductWord",
    "QuotaCode",
    "RuleWord",
    "ServiceCode",
    "ServiceName",
    "ShortRuleWord",
    "StepName",
    "TemplateFile",
    "TimeZone",
    "VersionWord",
    "WorkflowFile",
]


def _word(most: int) -> Text:
    return Text(
        rf"[a-zA-Z0-9-]{{1,{most}}}",
        "a word for it",
        f"write 1 to {most} letters, digits and dashes: names of rules are made of it",
    )


_EXPRESSION = re.compile(
    r"rate\([1-9]\d* (minute|hour|day)s?\)|at\(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\)|cron\(\S+( \S+){5}\)"
)
_ZONE = re.compile(r"[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*")


def _expression(value: str) -> str:
    if not _EXPRESSION.fullmatch(value):
        raise wrong(
            f"{value!r} is not when something starts",
            "write cron(0 6 * * ? *) with six fields, rate(1 day), or at(2027-01-31T06:00:00)",
        )
    return value


def _timezone(value: str) -> str:
    import zoneinfo  # noqa: PLC0415 - it brings much along, and most files name no zone

    def known(name: str) -> bool:
        try:
            zoneinfo.ZoneInfo(name)
        except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
            return False
        return True

    # A machine without the table of time zones cannot tell; AWS does.
    if not _ZONE.fullmatch(value) or (value != "UTC" and not known(value) and known("Europe/London")):
        raise wrong(f"{value!r} is not a time zone", "write UTC, or a name such as Europe/Zurich")
    return value


def _template(value: str) -> str:
    if value.startswith("/") or ".." in value.split("/") or "\\" in value or not value.strip():
        raise wrong(
            f"{value!r} is not a file below this one's folder",
            "write its path from here, such as templates/training.yaml",
        )
    return value


Expression = Annotated[str, AfterValidator(_expression)]
TimeZone = Annotated[str, AfterValidator(_timezone)]
TemplateFile = Annotated[str, AfterValidator(_template)]
# The module of events lets 20 characters be a rule's; where both functions follow an approval, 14 are left.
RuleWord = Annotated[str, _word(20)]
ShortRuleWord = Annotated[str, _word(14)]
# ARNs of pipelines have small letters on AWS, whatever the name has: rules could not match others.
PipelineName = Annotated[
    str,
    Text(
        r"(?=.{1,256}$)[a-z0-9](-*[a-z0-9])*",
        "a pipeline's name",
        "write small letters, digits and dashes: the name alone, its ARN follows from account and region",
    ),
]
GroupName = Annotated[
    str,
    Text(
        r"(?=.{1,63}$)[a-zA-Z0-9](-*[a-zA-Z0-9])*",
        "the name of a model package group",
        "write up to 63 letters, digits and dashes",
    ),
]
StepName = Annotated[
    str,
    Text(
        r"[A-Za-z0-9_-]{1,64}", "a step's name", "write it as the pipeline has it: letters, digits, _ and -"
    ),
]
ParameterName = Annotated[
    str,
    Text(
        r"(?=.{1,256}$)[A-Za-z0-9](-*[A-Za-z0-9_])*",
        "a parameter's name",
        "write it as the pipeline has it: letters, digits, _ and -",
    ),
]
ForgePath = Annotated[
    str,
    Text(
        r"[A-Za-z0-9_][\w.-]*(/[A-Za-z0-9_][\w.-]*)*",
        "a repository",
        "write its name, or organization/name",
    ),
]
WorkflowFile = Annotated[
    str, Text(r"[\w][\w.-]*", "a workflow", "write its file's name alone, such as deploy.yml")
]
MetricPath = Annotated[
    str,
    Text(
        r"[^.\s]+(\.[^.\s]+)*",
        "the path of a metric",
        "write keys with dots between, such as metrics.accuracy.value",
    ),
]
QuotaCode = Annotated[
    str, Text(r"L-[A-Z0-9]{8}", "a quota's code", "write L- and eight letters or digits, such as L-0123ABCD")
]
ServiceCode = Annotated[
    str, Text(r"[a-z][a-z0-9-]{0,62}", "a service's code", "write it as AWS lists it, such as sagemaker")
]
ServiceName = Annotated[
    str,
    Text(
        r"[a-z0-9]+([.-][a-z0-9]+)*",
        "an endpoint's service",
        "write the last part of its name, such as sagemaker.api or ecr.dkr",
    ),
]
ProductWord = Annotated[
    str,
    Text(
        r"[a-z0-9][a-z0-9-]{0,40}",
        "a word for a product",
        "write 1 to 41 small letters, digits and dashes",
    ),
]
VersionWord = Annotated[
    str,
    Text(
        r"[a-zA-Z0-9][a-zA-Z0-9._-]{0,63}",
        "a version",
        "write 1 to 64 letters, digits, dots, dashes and underscores, such as v1",
    ),
]
Line = Annotated[
    str, Text(r"[^\n\r\t]{0,200}", "one line", "write at most 200 characters, without line breaks")
]
