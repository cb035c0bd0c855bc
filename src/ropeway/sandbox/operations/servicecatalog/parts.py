"""What the catalog's operations share: parts by id, times, pages and the errors of this service.

Every part is a record. Parts that AWS gives no ARN (an association, a constraint, a share) have one all the same, in
which portfolio and product stand, so that one look-up tells whether a part is there.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ropeway.sandbox.domain.errors import DomainError, InUse
from ropeway.sandbox.domain.listing import Listing
from ropeway.sandbox.domain.records.ports import Record
from ropeway.sandbox.operations.call import Call

__all__ = ["add", "arn_of", "every", "missing", "page", "part", "remove", "retag", "unused_id"]

_ALL = 10_000
_PAGE = 20


def arn_of(call: Call, resource: str) -> str:
    """A part's ARN."""
    return f"arn:aws:catalog:{call.region}:{call.account}:{resource}"


def unused_id(call: Call, prefix: str) -> str:
    """An id as the catalog makes them: ``port-`` and thirteen letters and digits."""
    return f"{prefix}-{call.domain.records.ids.token(13)}"


def missing(what: str, name: str) -> DomainError:
    """The error for a part that is not there."""
    return DomainError(f"{what} {name} not found.", code="ResourceNotFoundException", status=400)


def part(call: Call, kind: str, resource: str) -> Record:
    """A part that must be there.

    Raises:
        DomainError: it is not.
    """
    found = call.domain.records.get(arn_of(call, resource))
    if found is None:
        raise missing(kind, resource.rpartition("/")[2])
    return found


def add(
    call: Call, kind: str, resource: str, document: Mapping[str, Any], *, parent: str = "", name: str = ""
) -> Record:
    """Keep a new part, with the call's tags."""
    record = Record(
        arn=arn_of(call, resource),
        kind=f"Catalog{kind}",
        account=call.account,
        region=call.region,
        name=name or resource.rpartition("/")[2],
        parent=parent,
        created=0.0,
        modified=0.0,
        document={key: value for key, value in document.items() if value is not None},
    )
    try:
        return call.domain.records.create(record, call.params.get("Tags", ()))
    except InUse as error:
        raise DomainError(error.message, code="DuplicateResourceException", status=400) from error


def remove(call: Call, kind: str, resource: str, children: Sequence[str] = ()) -> Record:
    """Forget a part that must be there.

    Raises:
        DomainError: it is not, or others hang on it.
    """
    found = part(call, kind, resource)
    try:
        call.domain.records.delete(found.arn, [f"Catalog{child}" for child in children])
    except InUse as error:
        raise DomainError(error.message, code="ResourceInUseException", status=400) from error
    return found


def every(call: Call, kind: str, parent: str | None = None) -> Sequence[Record]:
    """All parts of a kind, the oldest first; of one parent when it is named."""
    listing = Listing(descending=False, limit=_ALL, equals={} if parent is None else {"parent": parent})
    return call.domain.records.list(f"Catalog{kind}", call.account, call.region, listing).items


def retag(call: Call, arn: str) -> list[dict[str, str]]:
    """Change tags as an update says; returns all."""
    call.domain.tags.remove(arn, call.params.get("RemoveTags", ()))
    call.domain.tags.add(arn, call.params.get("AddTags", ()))
    return list(call.domain.tags.list(arn))


def page(
    call: Call, member: str, items: Sequence[Record], shown: Callable[[Record], dict[str, Any]]
) -> dict[str, Any]:
    """One page of a list."""
    start = _start(call.params.get("PageToken"))
    end = start + call.params.get("PageSize", _PAGE)
    result: dict[str, Any] = {member: [shown(item) for item in items[start:end]]}
    if end < len(items):
        result["NextPageToken"] = base64.b64encode(str(end).encode()).decode()
    return result


def _start(token: str | None) -> int:
    if not token:
        return 0
    try:
        return int(base64.b64decode(token, validate=True))
    except (binascii.Error, ValueError) as error:
        raise DomainError("Invalid page token.", code="InvalidParametersException", status=400) from error
