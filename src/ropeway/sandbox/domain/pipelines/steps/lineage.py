"""Lineage: actions, artifacts, contexts, and the associations between them, all or none.

Entities are made as by CreateAction, CreateArtifact and CreateContext: a name that is taken, or an artifact's source,
fails the step. An association leads between entities of the same step, by name and type, or others, by ARN.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ropeway.errors import DefinitionError
from ropeway.pipelines.definition import StepSpec
from ropeway.pipelines.references import expression
from ropeway.sandbox.domain.errors import Invalid
from ropeway.sandbox.domain.lineage.model import Entity
from ropeway.sandbox.domain.lineage.service import artifact_name
from ropeway.sandbox.domain.pipelines.model import StepRun
from ropeway.sandbox.domain.pipelines.progress import Progress
from ropeway.sandbox.domain.pipelines.resolve import text_of
from ropeway.sandbox.domain.pipelines.steps.base import Services, StepContext

__all__ = ["LineageStep"]

# The member of Arguments → what its entries are; as many of each are told as the service has room for.
_KINDS = {"Actions": "Action", "Artifacts": "Artifact", "Contexts": "Context"}
_MOST = 5
_MOST_ASSOCIATIONS = 10


class LineageStep:
    """Makes entities and associations of the lineage graph."""

    def check(self, step: StepSpec) -> None:
        """The form of entities and associations, and that the names in these are those of the step's entities."""
        made: set[tuple[str, str]] = set()
        entities = 0
        for member, noun in _KINDS.items():
            for entry in _entries(step, member, _MOST):
                _check_entity(step, noun, entry)
                entities += 1
                name = entry.get(f"{noun}Name")
                if isinstance(name, str):
                    made.add((name, noun))
        associations = _entries(step, "Associations", _MOST_ASSOCIATIONS)
        if not entities and not associations:
            raise DefinitionError(f"step {step.name}: Lineage steps need entities or Associations")
        for association in associations:
            for end in ("Source", "Destination"):
                _check_end(step, end, association.get(end), made)

    def begin(self, context: StepContext) -> Progress:
        """Make everything, in the transaction of the step's row."""
        told: dict[str, Any] = {}
        made: dict[tuple[str, str], str] = {}
        for member, noun in _KINDS.items():
            for entry in context.arguments.get(member, ()):
                name = text_of(entry[f"{noun}Name"]) if f"{noun}Name" in entry else ""
                arn = _create(context, noun, entry)
                made[noun, name] = arn
                told.setdefault(f"{noun}Arns", {})[name or arn] = arn
        for entry in context.arguments.get("Associations", ()):
            source, destination = (_arn(entry[end], made) for end in ("Source", "Destination"))
            kind = entry.get("AssociationType")
            context.services.lineage.associate(source, destination, kind, context.caller)
            told.setdefault("Associations", []).append({"SourceArn": source, "DestinationArn": destination})
        return Progress("Succeeded", {"Lineage": told})

    def launch(self, context: StepContext) -> None:
        """Nothing takes time."""

    def properties(self, run: StepRun, services: Services) -> Mapping[str, Any]:  # noqa: ARG002 - the protocol's
        """``ActionArns``, ``ArtifactArns`` and ``ContextArns`` by name, and ``Associations``."""
        properties: Mapping[str, Any] = run.metadata.get("Lineage", {})
        return properties

    def stop(self, run: StepRun, services: Services) -> None:
        """Nothing runs."""


def _create(context: StepContext, noun: str, request: Mapping[str, Any]) -> str:
    formed = context.services.form(f"Create{noun}", request)
    source = formed["Source"]
    artifact = noun == "Artifact"
    name = artifact_name(context.account, context.region, source) if artifact else formed[f"{noun}Name"]
    tags = formed.pop("Tags", ())
    kept = {key: value for key, value in formed.items() if artifact or key != f"{noun}Name"}
    entity = Entity(
        kind=noun.lower(),
        account=context.account,
        region=context.region,
        name=name,
        created=0.0,
        modified=0.0,
        type=formed[f"{noun}Type"],
        source=source["SourceUri"],
        document={"Properties": {}, **kept},
    )
    return context.services.lineage.create(entity, tags, context.caller).arn


def _arn(end: Mapping[str, Any], made: Mapping[tuple[str, str], str]) -> str:
    if "Arn" in end:
        return text_of(end["Arn"])
    key = (text_of(end["Type"]), text_of(end["Name"]))
    if key not in made:
        raise Invalid(f"the step makes no {key[0]} named {key[1]}")
    return made[key]


def _entries(step: StepSpec, member: str, most: int) -> list[Mapping[str, Any]]:
    entries = step.arguments.get(member) or []
    if not isinstance(entries, list) or not all(isinstance(entry, Mapping) for entry in entries):
        raise DefinitionError(f"step {step.name}: {member} must be a list of objects")
    if len(entries) > most:
        raise DefinitionError(f"step {step.name}: a Lineage step has at most {most} {member}")
    return entries


def _check_entity(step: StepSpec, noun: str, entry: Mapping[str, Any]) -> None:
    needs = ["Source", f"{noun}Type", *([] if noun == "Artifact" else [f"{noun}Name"])]
    for member in needs:
        if entry.get(member) is None:
            raise DefinitionError(f"step {step.name}: an entry of {noun}s needs {member}")
    source = entry["Source"]
    if not isinstance(source, Mapping) or source.get("SourceUri") is None:
        raise DefinitionError(f"step {step.name}: an entry of {noun}s needs Source.SourceUri")


def _check_end(step: StepSpec, end: str, value: Any, made: set[tuple[str, str]]) -> None:
    if not isinstance(value, Mapping) or ("Arn" in value) == ("Name" in value and "Type" in value):
        raise DefinitionError(
            f"step {step.name}: the {end} of an association has either an Arn, or a Name and a Type"
        )
    name, noun = value.get("Name"), value.get("Type")
    if "Arn" in value or expression(name):
        return
    if not isinstance(name, str) or noun not in _KINDS.values() or (name, noun) not in made:
        raise DefinitionError(
            f"step {step.name}: the {end} of an association is the {noun} {name!r}, which the step does not make"
        )
