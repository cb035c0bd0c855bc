"""QualityCheck and ClarifyCheck: a new baseline, and whether it drifted from the one before.

The analyser is a port; ``analysis`` implements it by a processing job. Without one a step whose check is skipped
succeeds and tells the baseline that is in use, but has no calculated one; any other fails with that reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from ropeway.errors import DefinitionError
from ropeway.pipelines.definition import StepSpec
from ropeway.pipelines.references import expression
from ropeway.sandbox.domain.errors import DomainError, Invalid
from ropeway.sandbox.domain.pipelines.checks import (
    KINDS,
    Baseline,
    Check,
    Verdict,
    addresses,
    registered,
    told,
)
from ropeway.sandbox.domain.pipelines.model import StepRun
from ropeway.sandbox.domain.pipelines.progress import Progress
from ropeway.sandbox.domain.pipelines.resolve import text_of
from ropeway.sandbox.domain.pipelines.steps.base import Services, StepContext, require
from ropeway.values.arn import Arn

__all__ = ["CHECK_STEPS", "CheckStep"]

_FLAGS = {"SkipCheck": False, "FailOnViolation": True, "RegisterNewBaseline": False}
_TEXTS = ("ModelName", "ModelPackageGroupName", "SuppliedBaselineConstraints", "SuppliedBaselineStatistics")
_NO_ANALYSER = (
    "ClientError: this sandbox has no drift analyser, so a {type} check cannot be computed; "
    "with SkipCheck the step succeeds without it"
)
_NO_BASELINE = (
    "ClientError: there is no baseline to check against: none is supplied, and no approved model package "
    "{where}has one; run with SkipCheck and RegisterNewBaseline first"
)


@dataclass(frozen=True)
class CheckStep:
    """A check of one kind of step.

    Attributes:
        type: the step's type.
        input: the processing input that the analyser reads first.
    """

    type: str
    input: str

    def check(self, step: StepSpec) -> None:
        """The processing request and the step's own members."""
        require(step, "ProcessingResources", "AppSpecification", "ProcessingInputs", "ProcessingOutputConfig")
        _check_request(step, self.input)
        kinds = [name for name, kind in KINDS.items() if kind.step == self.type]
        if step.settings.get("CheckType") not in kinds:
            raise DefinitionError(
                f"step {step.name}: CheckType must be one of {', '.join(kinds)}, "
                f"not {step.settings.get('CheckType')!r}"
            )
        for name in _FLAGS:
            _check_member(step, name, bool, "true or false")
        for name in _TEXTS:
            _check_member(step, name, str, "a text")

    def begin(self, context: StepContext) -> Progress:
        """Find the baseline to check against."""
        settings = context.settings
        skip = _flag(settings, "SkipCheck")
        baseline = _existing(context)
        metadata: dict[str, Any] = {
            "CheckType": settings["CheckType"],
            "SkipCheck": skip,
            "RegisterNewBaseline": _flag(settings, "RegisterNewBaseline"),
            **_named(settings, "ModelPackageGroupName"),
        }
        if not metadata["RegisterNewBaseline"]:
            metadata.update(addresses("BaselineUsedForDriftCheck", baseline))
        if not skip and baseline.constraints is None:
            group = settings.get("ModelPackageGroupName")
            reason = _NO_BASELINE.format(where=f"of the group {text_of(group)} " if group else "")
            return Progress("Failed", {self.type: metadata}, reason=reason)
        if context.services.analyser is not None:
            arn = str(Arn("sagemaker", context.region, context.account, f"processing-job/{context.name}"))
            return Progress("Executing", {self.type: {**metadata, "CheckJobArn": arn}}, arn)
        if skip:
            return Progress("Succeeded", {self.type: metadata})
        reason = _NO_ANALYSER.format(type=settings["CheckType"])
        return Progress("Failed", {self.type: metadata}, reason=reason)

    def launch(self, context: StepContext) -> None:
        """Start the analyser; what it finds ends the step."""
        run, analyser = context.run_of(context.step.name), context.services.analyser
        if run is None or analyser is None:
            return
        kind, metadata = KINDS[context.settings["CheckType"]], run.metadata[self.type]
        fails = _flag(context.settings, "FailOnViolation")

        def ended(verdict: Verdict) -> None:
            now = context.run_of(context.step.name)
            if verdict.reason is not None and now is not None and now.status == "Stopping":
                context.ended(Progress("Stopped"))
            else:
                context.ended(told(kind, metadata, verdict, fails=fails))

        try:
            analyser.start(_asked(context), ended)
        except DomainError as error:
            context.ended(Progress("Failed", reason=f"ClientError: {error.message}"))

    def properties(self, run: StepRun, services: Services) -> Mapping[str, Any]:  # noqa: ARG002 - the protocol's
        """The calculated baseline and the one used, as far as there are such."""
        properties: Mapping[str, Any] = run.metadata.get(self.type, {})
        return properties

    def stop(self, run: StepRun, services: Services) -> None:
        """Stop the check's job."""
        if services.analyser is not None:
            services.analyser.stop(run.resource)


CHECK_STEPS = (
    CheckStep("QualityCheck", "baseline_dataset_input"),
    CheckStep("ClarifyCheck", "analysis_config"),
)


def _asked(context: StepContext) -> Check:
    request = {**context.arguments, "ProcessingJobName": context.name}
    request.setdefault("RoleArn", context.execution.role_arn)
    formed = context.services.form("CreateProcessingJob", request)
    del formed["ProcessingJobName"]
    return Check(
        type=context.settings["CheckType"],
        account=context.account,
        region=context.region,
        job=context.name,
        request=formed,
        baseline=None if _flag(context.settings, "SkipCheck") else _existing(context),
        tags=(
            *formed.get("Tags", ()),
            {"Key": "sagemaker:pipeline-execution-arn", "Value": context.execution.arn},
            {"Key": "sagemaker:pipeline-step-name", "Value": context.step.name},
        ),
    )


def _existing(context: StepContext) -> Baseline:
    """What the step supplies, else what the registry has."""
    settings = context.settings
    kind = KINDS[settings["CheckType"]]
    supplied = Baseline(
        settings.get("SuppliedBaselineConstraints"), settings.get("SuppliedBaselineStatistics")
    )
    group = settings.get("ModelPackageGroupName")
    if not group or (supplied.constraints and supplied.statistics):
        return supplied
    found = registered(context.services.registry, text_of(group), kind, context.caller, context.region)
    return Baseline(supplied.constraints or found.constraints, supplied.statistics or found.statistics)


def _flag(settings: Mapping[str, Any], name: str) -> bool:
    text = text_of(settings.get(name, _FLAGS[name])).lower()
    if text not in {"true", "false"}:
        raise Invalid(f"{name} must be true or false, not {settings[name]!r}")
    return text == "true"


def _named(settings: Mapping[str, Any], name: str) -> dict[str, str]:
    return {name: text_of(settings[name])} if settings.get(name) else {}


def _check_member(step: StepSpec, name: str, kind: type, words: str) -> None:
    value = step.settings.get(name)
    if value is not None and not isinstance(value, kind) and not expression(value):
        raise DefinitionError(f"step {step.name}: {name} must be {words}, not {value!r}")


def _check_request(step: StepSpec, wanted: str) -> None:
    application, inputs = step.arguments["AppSpecification"], step.arguments["ProcessingInputs"]
    if not isinstance(application, Mapping) or not application.get("ImageUri"):
        raise DefinitionError(f"step {step.name}: {step.type} steps need Arguments.AppSpecification.ImageUri")
    entries = [entry for entry in inputs if isinstance(entry, Mapping)] if isinstance(inputs, list) else []
    if wanted not in [entry.get("InputName") for entry in entries]:
        raise DefinitionError(f"step {step.name}: {step.type} steps need a processing input {wanted!r}")
    config = step.arguments["ProcessingOutputConfig"]
    outputs = config.get("Outputs") if isinstance(config, Mapping) else None
    if not isinstance(outputs, list) or not any(
        isinstance(entry, Mapping) and entry.get("S3Output") for entry in outputs
    ):
        raise DefinitionError(f"step {step.name}: {step.type} steps need a processing output in S3")
