"""Connections and API destinations: kept with their secrets, told without them.

``domain.events.destinations`` sends.
"""

from __future__ import annotations

import ipaddress
import uuid
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from ropeway.sandbox.domain.errors import DomainError, Invalid, NotThere
from ropeway.sandbox.domain.events.destinations import CONNECTION, DESTINATION, RATE, shown
from ropeway.sandbox.domain.listing import Listing
from ropeway.sandbox.domain.records.ports import Record
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.events.listing import page
from ropeway.sandbox.operations.pages import moment
from ropeway.sandbox.operations.registry import operation

__all__: list[str] = []

_NEEDS = {
    "BASIC": "BasicAuthParameters",
    "API_KEY": "ApiKeyAuthParameters",
    "OAUTH_CLIENT_CREDENTIALS": "OAuthParameters",
}
_PATHS = {CONNECTION: "connection", DESTINATION: "api-destination"}
_NOUNS = {CONNECTION: "Connection", DESTINATION: "ApiDestination"}
_MOST = 1000


@operation("events", "CreateConnection")
def create_connection(call: Call) -> dict[str, Any]:
    """Keep how to authorise."""
    document = {**call.params, "ConnectionState": "AUTHORIZED"}
    _check_connection(document)
    return _connection_state(_create(call, CONNECTION, document))


@operation("events", "UpdateConnection")
def update_connection(call: Call) -> dict[str, Any]:
    """Change how to authorise; it holds from the next request on."""
    found = _find(call, CONNECTION)
    changed = {**found.document, **call.params, "ConnectionState": "AUTHORIZED"}
    if "AuthParameters" in call.params and call.params.get("AuthorizationType") in {
        None,
        found.document["AuthorizationType"],
    }:
        changed["AuthParameters"] = {**found.document["AuthParameters"], **call.params["AuthParameters"]}
    _check_connection(changed)
    return _connection_state(_change(call, found, changed))


@operation("events", "DeauthorizeConnection")
def deauthorize_connection(call: Call) -> dict[str, Any]:
    """Forget the secrets; nothing is sent until the connection is updated."""
    found = _find(call, CONNECTION)
    changes = {"ConnectionState": "DEAUTHORIZED", "AuthParameters": shown(found.document["AuthParameters"])}
    return _connection_state(_change(call, found, {**found.document, **changes}))


@operation("events", "DescribeConnection")
def describe_connection(call: Call) -> dict[str, Any]:
    """Tell a connection, without secrets."""
    found = _find(call, CONNECTION)
    told = {**found.document, "AuthParameters": shown(found.document["AuthParameters"])}
    return {**told, **_connection_state(found)}


@operation("events", "DeleteConnection")
def delete_connection(call: Call) -> dict[str, Any]:
    """Forget a connection; its destinations can send nothing any more."""
    found = _find(call, CONNECTION)
    call.domain.records.delete(found.arn)
    return {**_connection_state(found), "ConnectionState": "DELETING"}


@operation("events", "ListConnections")
def list_connections(call: Call) -> dict[str, Any]:
    """Connections of the account and region."""
    wanted = call.params.get("ConnectionState")
    found = [each for each in _all(call, CONNECTION) if wanted in {None, each.document["ConnectionState"]}]

    def told(record: Record) -> dict[str, Any]:
        kept = {name: record.document[name] for name in ("Name", "AuthorizationType")}
        return {**kept, **_connection_state(record)}

    shown_, more = page(found, call.params)
    return {"Connections": [told(each) for each in shown_], **more}


@operation("events", "CreateApiDestination")
def create_destination(call: Call) -> dict[str, Any]:
    """Keep an address that events can be sent to."""
    document = {"InvocationRateLimitPerSecond": RATE, **call.params}
    _check_destination(call, document)
    return _destination_state(call, _create(call, DESTINATION, document))


@operation("events", "UpdateApiDestination")
def update_destination(call: Call) -> dict[str, Any]:
    """Change an address."""
    found = _find(call, DESTINATION)
    changed = {**found.document, **call.params}
    _check_destination(call, changed)
    return _destination_state(call, _change(call, found, changed))


@operation("events", "DescribeApiDestination")
def describe_destination(call: Call) -> dict[str, Any]:
    """Tell an API destination."""
    found = _find(call, DESTINATION)
    return {**found.document, **_destination_state(call, found)}


@operation("events", "DeleteApiDestination")
def delete_destination(call: Call) -> dict[str, Any]:
    """Forget an API destination."""
    call.domain.records.delete(_find(call, DESTINATION).arn)
    return {}


@operation("events", "ListApiDestinations")
def list_destinations(call: Call) -> dict[str, Any]:
    """API destinations of the account and region."""
    wanted = call.params.get("ConnectionArn")
    found = [each for each in _all(call, DESTINATION) if wanted in {None, each.document["ConnectionArn"]}]
    shown_, more = page(found, call.params)
    told = [{**each.document, **_destination_state(call, each)} for each in shown_]
    return {"ApiDestinations": told, **more}


def _arn(call: Call, kind: str, name: str) -> str:
    number = uuid.uuid5(uuid.NAMESPACE_URL, f"{call.account}/{call.region}/{kind}/{name}")
    return f"arn:aws:events:{call.region}:{call.account}:{_PATHS[kind]}/{name}/{number}"


def _create(call: Call, kind: str, document: Mapping[str, Any]) -> Record:
    name = str(document["Name"])
    arn = _arn(call, kind, name)
    if call.domain.records.get(arn) is not None:
        text = f"{_NOUNS[kind]} {name} already exists."
        raise DomainError(text, code="ResourceAlreadyExistsException", status=400)
    record = Record(arn, kind, call.account, call.region, name, "", 0.0, 0.0, document)
    return call.domain.records.create(record, ())


def _find(call: Call, kind: str) -> Record:
    name = call.params["Name"]
    found = call.domain.records.get(_arn(call, kind, name))
    if found is None:
        noun = "Connection" if kind == CONNECTION else "An api-destination"
        raise DomainError(f"{noun} '{name}' does not exist.", code="ResourceNotFoundException", status=400)
    return found


def _change(call: Call, found: Record, document: Mapping[str, Any]) -> Record:
    changed = call.domain.records.update(found.arn, document, whole=True)
    return found if changed is None else changed


def _all(call: Call, kind: str) -> list[Record]:
    listing = Listing(limit=_MOST)
    found = call.domain.records.list(kind, call.account, call.region, listing).items
    prefix = call.params.get("NamePrefix", "")
    return sorted((each for each in found if each.name.startswith(prefix)), key=lambda each: each.name)


def _connection_state(record: Record) -> dict[str, Any]:
    return {
        "ConnectionArn": record.arn,
        "ConnectionState": record.document["ConnectionState"],
        "CreationTime": moment(record.created),
        "LastModifiedTime": moment(record.modified),
        "LastAuthorizedTime": moment(record.modified),
    }


def _destination_state(call: Call, record: Record) -> dict[str, Any]:
    connection = call.domain.records.get(record.document["ConnectionArn"])
    active = connection is not None and connection.document["ConnectionState"] == "AUTHORIZED"
    return {
        "ApiDestinationArn": record.arn,
        "ApiDestinationState": "ACTIVE" if active else "INACTIVE",
        "CreationTime": moment(record.created),
        "LastModifiedTime": moment(record.modified),
    }


def _check_connection(document: Mapping[str, Any]) -> None:
    if "InvocationConnectivityParameters" in document:
        raise NotThere("The sandbox does not have private connections (InvocationConnectivityParameters).")
    wanted = _NEEDS[document["AuthorizationType"]]
    auth = document.get("AuthParameters") or {}
    given = [name for name in _NEEDS.values() if name in auth]
    if given != [wanted]:
        raise Invalid(
            f"AuthParameters must have {wanted}, and no other, for {document['AuthorizationType']}."
        )
    if wanted == "OAuthParameters":
        _check_address(auth[wanted]["AuthorizationEndpoint"], "AuthorizationEndpoint")


def _check_destination(call: Call, document: Mapping[str, Any]) -> None:
    arn = document["ConnectionArn"]
    found = call.domain.records.get(arn)
    if found is None or found.kind != CONNECTION or found.account != call.account:
        raise DomainError(f"Connection '{arn}' does not exist.", code="ResourceNotFoundException", status=400)
    _check_address(document["InvocationEndpoint"], "InvocationEndpoint")


def _check_address(url: str, name: str) -> None:
    """AWS takes HTTPS only; the sandbox takes plain HTTP for this machine."""
    parts = urlsplit(url)
    if not parts.hostname or parts.scheme not in {"http", "https"}:
        raise Invalid(f"{name} is not a valid address: {url}")
    if parts.scheme == "http" and not _here(parts.hostname):
        raise Invalid(f"{name} must be an HTTPS address: {url}")


def _here(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
