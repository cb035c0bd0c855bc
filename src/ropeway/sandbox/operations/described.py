"""Operations of resources that are what they are described as: create, describe, update, delete, list.

A ``Kind`` says what the API calls a resource and its members; the shapes of the service model say the rest: an
answer has the members of its shape that are known. Nothing runs behind such a resource; the conformance page says so.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from botocore.model import OperationModel, StructureShape

from ropeway.sandbox.domain.errors import DomainError, InUse
from ropeway.sandbox.domain.records.ports import Record
from ropeway.sandbox.operations import pages
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.registry import operation
from ropeway.sandbox.operations.service_models import service_model

__all__ = ["DESCRIBED", "Kind", "find", "register"]

DESCRIBED: set[tuple[str, str]] = set()
"""Operations of such resources, for the conformance page."""

Members = Mapping[str, Any]


def _nothing(_call: Call, _document: Members) -> Members:
    return {}


def _silence(_record: Record) -> Members:
    return {}


@dataclass(frozen=True)
class Kind:
    """A kind of resource.

    Attributes:
        noun: what stands behind ``Create`` and ``Describe``: ``UserProfile``.
        resource: the last part of its ARN, over its members: ``user-profile/{DomainId}/{UserProfileName}``.
        name: the member that names it.
        missing: the error's code and its text over the members of the call and ``arn``.
        service: botocore's name.
        arn: the member that carries its ARN.
        parent: the resource part of the ARN that it lives in, over its members.
        children: kinds that must be gone before it goes.
        list_member: the list in the answer of ``List…``, and the noun behind ``List``.
        filters: parameters of the list that compare with members.
        made: members that creation adds, from the call and the document.
        told: members that describing adds.
        renamed: parameters of the update that are spelled otherwise than the member.
        derived: members that follow from those of a call and that the ARN is made of.
    """

    noun: str
    resource: str
    name: str
    missing: tuple[str, str]
    service: str = "sagemaker"
    arn: str = ""
    parent: str = ""
    children: tuple[str, ...] = ()
    list_member: tuple[str, str] = ("", "")
    filters: Mapping[str, str] = field(default_factory=dict)
    made: Callable[[Call, Members], Members] = _nothing
    told: Callable[[Record], Members] = _silence
    renamed: Mapping[str, str] = field(default_factory=dict)
    derived: Callable[[Members], Members] = dict

    @property
    def arn_member(self) -> str:
        """The member that carries the ARN."""
        return self.arn or f"{self.noun}Arn"


def register(kind: Kind) -> None:
    """Register what the service model has of a kind's operations."""
    names = service_model(kind.service).operation_names
    handlers = {
        f"Create{kind.noun}": _create,
        f"Describe{kind.noun}": _describe,
        f"Update{kind.noun}": _update,
        f"Delete{kind.noun}": _delete,
        f"List{kind.list_member[0]}": _list,
    }
    for name, handler in handlers.items():
        if name in names:
            operation(kind.service, name)(_bound(handler, kind))
            DESCRIBED.add((kind.service, name))


def find(call: Call, kind: Kind, members: Members) -> Record:
    """The resource that members of a call name.

    Raises:
        DomainError: there is none.
    """
    arn = _arn(call, kind.service, kind.resource, kind.derived(members))
    found = call.domain.records.get(arn)
    if found is None:
        raise _missing(kind, members, arn)
    return found


def _bound(
    handler: Callable[[Call, Kind], dict[str, Any] | None], kind: Kind
) -> Callable[[Call], dict[str, Any] | None]:
    return lambda call: handler(call, kind)


def _create(call: Call, kind: Kind) -> dict[str, Any]:
    document = {
        name: value for name, value in call.params.items() if name not in {"Tags", "ClientRequestToken"}
    }
    document.update(kind.made(call, document))
    derived = kind.derived(document)
    parent = _arn(call, kind.service, kind.parent, derived) if kind.parent else ""
    if parent and call.domain.records.get(parent) is None:
        raise DomainError(f"{parent} does not exist.", code="ResourceNotFound", status=400)
    record = Record(
        arn=_arn(call, kind.service, kind.resource, derived),
        kind=kind.noun,
        account=call.account,
        region=call.region,
        name=str(document[kind.name]),
        parent=parent,
        created=0.0,
        modified=0.0,
        document=document,
    )
    made = call.domain.records.create(record, call.params.get("Tags", ()))
    return _project(_model(call).output_shape, _members(kind, made))


def _describe(call: Call, kind: Kind) -> dict[str, Any]:
    found = find(call, kind, call.params)
    return _project(_model(call).output_shape, _members(kind, found))


def _update(call: Call, kind: Kind) -> dict[str, Any]:
    found = find(call, kind, call.params)
    changes = {kind.renamed.get(name, name): value for name, value in call.params.items()}
    changed = call.domain.records.update(found.arn, changes)
    if changed is None:
        raise _missing(kind, call.params, found.arn)
    return _project(_model(call).output_shape, _members(kind, changed))


def _delete(call: Call, kind: Kind) -> dict[str, Any]:
    found = find(call, kind, call.params)
    try:
        call.domain.records.delete(found.arn, kind.children)
    except InUse as error:
        raise InUse(error.message) from error
    return {}


def _list(call: Call, kind: Kind) -> dict[str, Any]:
    output = _model(call).output_shape
    assert isinstance(output, StructureShape)
    summary = output.members[kind.list_member[1]].member
    asked = dict(call.params)
    for name, value in call.params.items():
        if name.endswith("NameContains"):  # UserProfileNameContains
            asked["NameContains"] = value
    page = call.domain.records.list(kind.noun, call.account, call.region, pages.listing_of(asked))
    wanted = [(member, call.params[name]) for name, member in kind.filters.items() if name in call.params]
    items = [
        record
        for record in page.items
        if all(record.document.get(member) == value for member, value in wanted)
    ]
    shown = type(page)(items, page.next)
    return pages.answer(
        kind.list_member[1],
        shown,
        call.params,
        lambda record: _project(summary, _members(kind, record)),
    )


def _members(kind: Kind, record: Record) -> dict[str, Any]:
    """Everything that is known of a resource, by the API's names."""
    return {
        "CreationTime": pages.moment(record.created),
        "LastModifiedTime": pages.moment(record.modified),
        **record.document,
        kind.arn_member: record.arn,
        **kind.told(record),
    }


def _project(shape: Any, members: Members) -> dict[str, Any]:
    if shape is None:
        return {}
    return {name: members[name] for name in shape.members if members.get(name) is not None}


def _missing(kind: Kind, members: Members, arn: str) -> DomainError:
    code, text = kind.missing
    return DomainError(text.format(arn=arn, **members), code=code, status=400)


def _arn(call: Call, service: str, resource: str, members: Members) -> str:
    return f"arn:aws:{service}:{call.region}:{call.account}:{resource.format(**members)}"


def _model(call: Call) -> OperationModel:
    return service_model(call.service).operation_model(call.operation)
