"""Actions, artifacts and contexts; the associations between them; questions about the graph."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ropeway.sandbox.domain.errors import Invalid
from ropeway.sandbox.domain.lineage.model import LINEAGE_TYPES, Association, Entity
from ropeway.sandbox.domain.lineage.service import Question, artifact_name
from ropeway.sandbox.domain.listing import Cursor, Page
from ropeway.sandbox.operations import pages
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.registry import Handler, operation
from ropeway.values.arn import Arn

__all__ = ["described"]

# Kept apart from the document, or no part of it.
_APART = frozenset({"Tags", "PropertiesToRemove", "ActionName", "ContextName", "ArtifactArn"})


def described(entity: Entity) -> dict[str, Any]:
    """The members that every Describe answer of an entity has."""
    return {
        **entity.document,
        "CreationTime": pages.moment(entity.created),
        "CreatedBy": dict(entity.created_by),
        "LastModifiedTime": pages.moment(entity.modified),
        "LastModifiedBy": dict(entity.modified_by),
    }


def _named(noun: str, entity: Entity) -> dict[str, Any]:
    # An artifact's name is one that its maker gave it, perhaps none.
    name = {} if noun == "Artifact" else {f"{noun}Name": entity.name}
    return {**name, f"{noun}Arn": entity.arn}


def _create(noun: str) -> Handler:
    def create(call: Call) -> dict[str, Any]:
        params = call.params
        source = params["Source"]
        kind = noun.lower()
        named = params.get(f"{noun}Name", "")
        name = artifact_name(call.account, call.region, source) if noun == "Artifact" else named
        kept = {key: value for key, value in params.items() if key not in _APART}
        document = {"Properties": {}, **kept}
        entity = Entity(
            kind,
            call.account,
            call.region,
            name,
            0.0,
            0.0,
            params[f"{noun}Type"],
            source["SourceUri"],
            document=document,
        )
        made = call.domain.lineage.create(entity, params.get("Tags", ()), call.caller)
        return {f"{noun}Arn": made.arn}

    return create


def _describe(noun: str) -> Handler:
    def describe(call: Call) -> dict[str, Any]:
        entity = _entity(call, noun)
        return {**described(entity), **_named(noun, entity)}

    return describe


def _update(noun: str) -> Handler:
    def update(call: Call) -> dict[str, Any]:
        changes = {key: value for key, value in call.params.items() if key not in _APART}
        removed = {"Properties": call.params.get("PropertiesToRemove", ())}
        entity = call.domain.lineage.change(_entity(call, noun), changes, call.caller, removed)
        return {f"{noun}Arn": entity.arn}

    return update


def _delete(noun: str) -> Handler:
    def delete(call: Call) -> dict[str, Any]:
        entity = _entity(call, noun)
        call.domain.lineage.delete(entity)
        return {f"{noun}Arn": entity.arn}

    return delete


def _list(noun: str) -> Handler:
    def list_entities(call: Call) -> dict[str, Any]:
        listing = pages.listing_of(call.params, equals={"SourceUri": "source", f"{noun}Type": "type"})
        page = call.domain.lineage.list(noun.lower(), call.account, call.region, listing)
        return pages.answer(f"{noun}Summaries", page, call.params, _describer(noun))

    return list_entities


def _describer(noun: str) -> Any:
    return lambda entity: {**described(entity), **_named(noun, entity)}


for _noun in ("Action", "Artifact", "Context"):
    operation("sagemaker", f"Create{_noun}")(_create(_noun))
    operation("sagemaker", f"Describe{_noun}")(_describe(_noun))
    operation("sagemaker", f"Update{_noun}")(_update(_noun))
    operation("sagemaker", f"Delete{_noun}")(_delete(_noun))
    operation("sagemaker", f"List{_noun}s")(_list(_noun))


@operation("sagemaker", "AddAssociation")
def add_association(call: Call) -> dict[str, Any]:
    """Lead an association from one entity to another."""
    source, destination = call.params["SourceArn"], call.params["DestinationArn"]
    call.domain.lineage.associate(source, destination, call.params.get("AssociationType"), call.caller)
    return {"SourceArn": source, "DestinationArn": destination}


@operation("sagemaker", "DeleteAssociation")
def delete_association(call: Call) -> dict[str, Any]:
    """Forget an association."""
    source, destination = call.params["SourceArn"], call.params["DestinationArn"]
    call.domain.lineage.get(source, call.account)
    call.domain.lineage.dissociate(source, destination)
    return {"SourceArn": source, "DestinationArn": destination}


@operation("sagemaker", "ListAssociations")
def list_associations(call: Call) -> dict[str, Any]:
    """Associations from or to an entity, of a type, between entities of types."""
    params, store = call.params, call.domain.lineage.store
    source, destination = params.get("SourceArn"), params.get("DestinationArn")
    if source is None and destination is None:
        found = store.all_associations(call.account, call.region)
    else:
        for arn in (source, destination):
            if arn is not None:
                call.domain.lineage.get(arn, call.account)
        found = store.associations(source=source, destination=destination)
    summaries = [_association(call, entry) for entry in found]
    wanted = {
        name: params[name] for name in ("SourceType", "DestinationType", "AssociationType") if name in params
    }
    after, before = _epoch(params.get("CreatedAfter")), _epoch(params.get("CreatedBefore"))
    kept = [
        entry
        for entry in summaries
        if all(entry.get(name) == value for name, value in wanted.items())
        and (after is None or entry["CreationTime"].timestamp() > after)
        and (before is None or entry["CreationTime"].timestamp() < before)
    ]
    by = params.get("SortBy", "CreationTime")
    descending = params.get("SortOrder", "Descending") == "Descending"
    kept.sort(key=lambda entry: entry.get(by) or "", reverse=descending)
    return _page(call, "AssociationSummaries", kept)


@operation("sagemaker", "QueryLineage")
def query_lineage(call: Call) -> dict[str, Any]:
    """What an entity was made from, and what was made from it."""
    params = call.params
    if not params.get("StartArns"):
        raise Invalid("StartArns must name an entity.")
    filters: Mapping[str, Any] = params.get("Filters", {})
    times = ("CreatedAfter", "CreatedBefore", "ModifiedAfter", "ModifiedBefore")
    question = Question(
        start=params["StartArns"],
        direction=params.get("Direction", "Both"),
        depth=params.get("MaxDepth", 10),
        edges=params.get("IncludeEdges", True),
        types=filters.get("Types", ()),
        lineage_types=filters.get("LineageTypes", ()),
        properties=filters.get("Properties", {}),
        bounds={name: filters[name].timestamp() for name in times if name in filters},
    )
    entities, edges = call.domain.lineage.query(question, call.account)
    vertices = [
        {"Arn": entity.arn, "Type": entity.type, "LineageType": LINEAGE_TYPES.get(entity.kind)}
        for entity in entities
    ]
    answer = _page(call, "Vertices", vertices, limit=50)
    answer["Edges"] = [
        {"SourceArn": edge.source, "DestinationArn": edge.destination, "AssociationType": edge.type}
        for edge in edges
    ]
    return answer


def _association(call: Call, association: Association) -> dict[str, Any]:
    source = call.domain.lineage.store.get(association.source)
    destination = call.domain.lineage.store.get(association.destination)
    return {
        "SourceArn": association.source,
        "DestinationArn": association.destination,
        "SourceType": source.type if source else None,
        "DestinationType": destination.type if destination else None,
        "AssociationType": association.type,
        "SourceName": _name_of(source),
        "DestinationName": _name_of(destination),
        "CreationTime": pages.moment(association.created),
        "CreatedBy": dict(association.created_by),
    }


def _name_of(entity: Entity | None) -> str | None:
    if entity is None:
        return None
    return entity.document.get("ArtifactName") if entity.kind == "artifact" else entity.name


def _page(call: Call, member: str, entries: list[dict[str, Any]], *, limit: int = 10) -> dict[str, Any]:
    """One page of what is all at hand."""
    asked = {**call.params, "SortBy": "CreationTime"}  # the order is made already
    listing = pages.listing_of(asked, limit=limit)
    start = listing.after.row if listing.after is not None else 0
    end = start + listing.limit
    page = Page(entries[start:end], Cursor(end, end) if end < len(entries) else None)
    return pages.answer(member, page, asked, dict)


def _entity(call: Call, noun: str) -> Entity:
    params, lineage = call.params, call.domain.lineage
    if noun != "Artifact":
        return lineage.find(noun.lower(), call.account, call.region, params[f"{noun}Name"])
    arn = params.get("ArtifactArn")
    if arn is None and "Source" in params:
        name = artifact_name(call.account, call.region, params["Source"])
        arn = str(Arn("sagemaker", call.region, call.account, f"artifact/{name}"))
    if arn is None:
        raise Invalid("One of ArtifactArn and Source must be given.")
    return lineage.get(arn, call.account)


def _epoch(time: datetime | None) -> float | None:
    return None if time is None else time.timestamp()
