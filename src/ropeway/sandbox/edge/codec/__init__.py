"""Wire formats, driven by botocore's service models: one module per protocol, one validator for all.

Every protocol module offers the same functions:

* ``parse(model, operation, request) -> dict``: the input's members (raises ``DomainError`` when the body cannot
  be read as the protocol demands),
* ``serialize(model, operation, result, request_id) -> Response``,
* ``fault(error, request_id, resource) -> Response`` for an error,
* ``operation_of(model, request) -> str``: the operation, where the protocol has it in method and path.
"""

from __future__ import annotations

from types import ModuleType

from ropeway.sandbox.edge.codec import cbor, json, query, rest_json, rest_xml

__all__ = ["for_protocol"]

_PROTOCOLS: dict[str, ModuleType] = {
    "ec2": query,
    "json": json,
    "query": query,
    "rest-json": rest_json,
    "rest-xml": rest_xml,
    "smithy-rpc-v2-cbor": cbor,
}


def for_protocol(protocol: str) -> ModuleType:
    """The codec of a protocol as botocore names it."""
    return _PROTOCOLS[protocol]
