"""Cleanup: deletes what earlier steps left in S3.

A training step's output is found by itself: everything below ``<S3OutputPath>/<job>/``. Of a processing or transform
step exactly the objects that are named are deleted, and only when they lie below one of its outputs. A source that
never ran, or took its result from the cache, is skipped: what it refers to is not this execution's.

What to delete is worked out with the step's row and kept there, so a restart goes on with it; deleting twice is
harmless. Objects of versioned buckets get a delete marker, as on AWS.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from ropeway.errors import DefinitionError
from ropeway.pipelines.definition import Definition, StepSpec
from ropeway.pipelines.graph import dependencies
from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.jobs.model import Job
from ropeway.sandbox.domain.pipelines.model import StepRun
from ropeway.sandbox.domain.pipelines.progress import Progress
from ropeway.sandbox.domain.pipelines.resolve import text_of
from ropeway.sandbox.domain.pipelines.steps.base import Services, StepContext, guarded
from ropeway.sandbox.domain.ports import ObjectStore
from ropeway.values.arn import Arn
from ropeway.values.s3uri import S3Uri

__all__ = ["CleanupStep"]

_FOUND = frozenset({"Training"})
_NAMED = frozenset({"Processing", "Transform"})


class CleanupStep:
    """Deletes objects of the steps that it names."""

    def check(self, step: StepSpec) -> None:
        """It names its sources."""
        resources = step.arguments.get("Resources")
        sources = resources.get("S3") if isinstance(resources, Mapping) else None
        if not isinstance(sources, list) or not sources:
            raise DefinitionError(f"step {step.name}: Cleanup steps need a list of Resources.S3")
        for source in sources:
            if not isinstance(source, Mapping) or not isinstance(source.get("StepName"), str):
                raise DefinitionError(f"step {step.name}: every entry of Resources.S3 needs a StepName")
            uris = source.get("S3Uris")
            if uris is not None and (not isinstance(uris, list) or not uris):
                raise DefinitionError(f"step {step.name}: S3Uris must be a list of at least one address")

    def check_within(self, step: StepSpec, definition: Definition) -> None:
        """Its sources are there, ran before it, and can be cleaned."""
        before = _ancestors(step.name, dependencies(definition))
        for source in step.arguments["Resources"]["S3"]:
            name = source["StepName"]
            found = [each for each in _names(step, name) if each in definition.steps]
            if not found:
                raise DefinitionError(f"step {step.name}: it cleans up {name!r}, which is no step")
            if found[0] not in before:
                raise DefinitionError(f"step {step.name}: it cleans up {name}, and so must depend on it")
            other = definition.steps[found[0]]
            _check_source(step.name, other, named=source.get("S3Uris") is not None)

    def begin(self, context: StepContext) -> Progress:
        """Work out what to delete."""
        targets = [_target(context, source) for source in context.arguments["Resources"]["S3"]]
        account = Arn.parse(context.execution.role_arn).account
        return Progress("Executing", outputs={"Account": account, "Targets": targets})

    def launch(self, context: StepContext) -> None:
        """Delete in the background."""
        run = context.run_of(context.step.name)
        if run is not None:
            self.resume(run, context.services, context.ended)

    def properties(self, run: StepRun, services: Services) -> Mapping[str, Any]:  # noqa: ARG002 - the protocol's
        """None."""
        return {}

    def stop(self, run: StepRun, services: Services) -> None:
        """It takes a moment, and is not stopped in the middle."""

    def resume(self, run: StepRun, services: Services, ended: Callable[[Progress], None]) -> None:
        """Delete what is still there."""
        services.background.submit(lambda: ended(guarded(lambda: _clean(run, services.objects))))


def _names(step: StepSpec, name: str) -> list[str]:
    """What a source may be called: in a ForEach step first the one of the same item."""
    return [name] if step.iteration is None else [f"{name}-{step.iteration.index}", name]


def _ancestors(name: str, needs: Mapping[str, frozenset[str]]) -> set[str]:
    found: set[str] = set()
    waiting = [name]
    while waiting:
        fresh = needs[waiting.pop()] - found
        found |= fresh
        waiting.extend(fresh)
    return found


def _check_source(step: str, source: StepSpec, *, named: bool) -> None:
    if source.type not in _FOUND | _NAMED:
        kinds = ", ".join(sorted(_FOUND | _NAMED))
        raise DefinitionError(
            f"step {step}: it cleans up {source.name} of type {source.type}; only {kinds} steps can be"
        )
    if source.type in _NAMED and not named:
        raise DefinitionError(
            f"step {step}: to clean up {source.name} of type {source.type}, name its objects in S3Uris"
        )
    network = source.arguments.get("NetworkConfig") or {}
    if source.arguments.get("VpcConfig") or (isinstance(network, Mapping) and network.get("VpcConfig")):
        raise DefinitionError(f"step {step}: {source.name} has a VpcConfig, so it cannot be cleaned up")


def _target(context: StepContext, source: Mapping[str, Any]) -> dict[str, Any]:
    """What to delete of one source: ``Uris``, or a ``Prefix``, or nothing, or an ``Error``."""
    name = source["StepName"]
    runs = [run for each in _names(context.step, name) if (run := context.run_of(each)) is not None]
    run = runs[0] if runs else None
    if run is None or not run.resource or run.cached_from:
        return {"StepName": name}
    try:
        outputs = list(_outputs(context.services.jobs.get(run.resource)))
        if "S3Uris" not in source:
            return {"StepName": name, "Prefix": outputs[0]}
        uris = [text_of(uri) for uri in source["S3Uris"]]
        for uri in uris:
            S3Uri.parse(uri)
            if uri.endswith("/") or not any(uri.startswith(output) for output in outputs):
                return {"StepName": name, "Error": f"{uri} is no object of an output of step {name}"}
    except DomainError as error:
        return {"StepName": name, "Error": error.message}
    except ValueError as error:
        return {"StepName": name, "Error": str(error)}
    return {"StepName": name, "Uris": uris}


def _outputs(job: Job) -> Iterator[str]:
    """The folders that a job writes to, each ending with a slash."""
    request = job.request
    if "OutputDataConfig" in request:
        yield f"{request['OutputDataConfig']['S3OutputPath'].rstrip('/')}/{job.name}/"
    if "TransformOutput" in request:
        yield f"{request['TransformOutput']['S3OutputPath'].rstrip('/')}/"
    for output in request.get("ProcessingOutputConfig", {}).get("Outputs", ()):
        if "S3Output" in output:
            yield f"{output['S3Output']['S3Uri'].rstrip('/')}/"


def _clean(run: StepRun, objects: ObjectStore) -> Progress:
    cleaned: list[str] = []
    skipped: list[str] = []
    failed: list[dict[str, str]] = []
    for target in run.outputs["Targets"]:
        name = target["StepName"]
        try:
            error = target.get("Error")
            done = error is None and _delete(objects, run.outputs["Account"], target)
        except DomainError as caught:
            done, error = False, caught.message
        if error is not None:
            failed.append({"StepName": name, "ErrorCode": "ClientError", "ErrorMessage": error})
        else:
            (cleaned if done else skipped).append(name)
    told = {"CleanedSteps": cleaned, "FailedSteps": failed, "SkippedSteps": skipped}
    metadata = {"Cleanup": {member: value for member, value in told.items() if value}}
    if failed:
        reasons = "; ".join(f"{entry['StepName']}: {entry['ErrorMessage']}" for entry in failed)
        return Progress("Failed", metadata, reason=f"ClientError: Cleanup failed. {reasons}")
    return Progress("Succeeded", metadata)


def _delete(objects: ObjectStore, account: str, target: Mapping[str, Any]) -> bool:
    """Delete a target's objects; whether there was anything to look for."""
    if "Prefix" in target:
        folder = S3Uri.parse(target["Prefix"])
        for found in list(objects.list(account, folder.bucket, folder.key)):
            objects.remove(account, folder.bucket, found.key)
    for uri in target.get("Uris", ()):
        address = S3Uri.parse(uri)
        objects.remove(account, address.bucket, address.key)
    return "Prefix" in target or "Uris" in target
