"""What check steps know of baselines, and the port to what computes them.

A check compares a new baseline, which is always computed, with the one to check against: the one that the step
supplies, or that of the newest approved version of its model package group (``DriftCheckBaselines``). The analyser
computes; what its verdict means for the step is ``told``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from ropeway.sandbox.domain.caller import Caller
from ropeway.sandbox.domain.errors import Invalid
from ropeway.sandbox.domain.listing import Listing
from ropeway.sandbox.domain.pipelines.progress import Progress
from ropeway.sandbox.domain.registry.service import Registry

__all__ = ["KINDS", "Analyser", "Baseline", "Check", "Kind", "Verdict", "addresses", "registered", "told"]


@dataclass(frozen=True)
class Kind:
    """A type of check.

    Attributes:
        step: the type of step that runs it.
        title: its name in failures.
        statistics, constraints: where a package's DriftCheckBaselines has them.
    """

    step: str
    title: str
    constraints: tuple[str, str]
    statistics: tuple[str, str] | None = None


KINDS: Mapping[str, Kind] = {
    "DATA_QUALITY": Kind(
        "QualityCheck", "Quality", ("ModelDataQuality", "Constraints"), ("ModelDataQuality", "Statistics")
    ),
    "MODEL_QUALITY": Kind(
        "QualityCheck", "Quality", ("ModelQuality", "Constraints"), ("ModelQuality", "Statistics")
    ),
    "DATA_BIAS": Kind("ClarifyCheck", "Clarify", ("Bias", "PreTrainingConstraints")),
    "MODEL_BIAS": Kind("ClarifyCheck", "Clarify", ("Bias", "PostTrainingConstraints")),
    "MODEL_EXPLAINABILITY": Kind("ClarifyCheck", "Clarify", ("Explainability", "Constraints")),
}


@dataclass(frozen=True)
class Baseline:
    """The S3 addresses of a baseline's files; Clarify has no statistics."""

    constraints: str | None = None
    statistics: str | None = None


@dataclass(frozen=True)
class Check:
    """What an analyser is asked.

    Attributes:
        type: a key of ``KINDS``.
        job: the name of the processing job to run, in the account and region.
        request: the processing request, API-shaped and valid, without its name.
        baseline: to check against; None where the check is skipped and only the new baseline is wanted.
        tags: API-shaped, for the job.
    """

    type: str
    account: str
    region: str
    job: str
    request: Mapping[str, Any]
    baseline: Baseline | None
    tags: tuple[Mapping[str, str], ...] = ()


@dataclass(frozen=True)
class Verdict:
    """What came of a check.

    Attributes:
        calculated: the new baseline.
        report: the S3 address of the violations that were found, or None.
        reason: why nothing could be computed, or None.
    """

    calculated: Baseline = Baseline()
    report: str | None = None
    reason: str | None = None


class Analyser(Protocol):
    """Computes baselines and compares data with them."""

    def start(self, check: Check, done: Callable[[Verdict], None], /) -> str:
        """Start a check in the background; the ARN of its job.

        Args:
            check: what to do.
            done: takes the verdict, from any thread.

        Raises:
            DomainError: it cannot be started.
        """

    def stop(self, job_arn: str, /) -> None:
        """Ask a check's job to stop; its verdict says so in its reason."""


def registered(registry: Registry, group: str, kind: Kind, caller: Caller, region: str) -> Baseline:
    """The baseline of the newest approved version of a group; without any file where there is none.

    Raises:
        DomainError: the group is another account's, which does not let the caller.
    """
    newest = Listing(limit=1, equals={"approval": "Approved"})
    try:
        page = registry.list_packages(caller.account, region, newest, group=group, caller=caller)
    except Invalid:  # there is no such group yet: the first run of a pipeline makes it
        return Baseline()
    if not page.items:
        return Baseline()
    baselines = page.items[0].document.get("DriftCheckBaselines", {})

    def address(path: tuple[str, str] | None) -> str | None:
        source = baselines.get(path[0], {}).get(path[1], {}) if path else {}
        uri: str | None = source.get("S3Uri")
        return uri

    return Baseline(address(kind.constraints), address(kind.statistics))


def told(kind: Kind, metadata: Mapping[str, Any], verdict: Verdict, *, fails: bool) -> Progress:
    """What a verdict means for the step.

    Args:
        kind: the type of check.
        metadata: what the step tells of itself since it began.
        verdict: what came of the check.
        fails: violations fail the step.
    """
    if verdict.reason is not None:
        return Progress("Failed", {kind.step: metadata}, reason=f"ClientError: {verdict.reason}")
    whole = {**metadata, **addresses("CalculatedBaseline", verdict.calculated)}
    if metadata.get("RegisterNewBaseline"):
        whole.update(addresses("BaselineUsedForDriftCheck", verdict.calculated))
    if verdict.report is None:
        return Progress("Succeeded", {kind.step: whole})
    whole["ViolationReport"] = verdict.report
    if not fails:
        return Progress("Succeeded", {kind.step: whole})
    reason = f"ClientError: {kind.title} check failed. See violation report {verdict.report}"
    return Progress("Failed", {kind.step: whole}, reason=reason)


def addresses(prefix: str, baseline: Baseline) -> dict[str, str]:
    """A baseline in members of the step's metadata."""
    named = {f"{prefix}Statistics": baseline.statistics, f"{prefix}Constraints": baseline.constraints}
    return {name: uri for name, uri in named.items() if uri}
