"""Smithy RPC v2 CBOR: spoken by newer clients of some of moto's services; Ropeway writes only its refusals in it.

Source: Smithy, "Smithy RPC v2 CBOR protocol"; RFC 8949.
"""

from __future__ import annotations

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.operations.wire import Response

__all__ = ["fault"]


def fault(error: DomainError, request_id: str, resource: str) -> Response:
    """The answer to a call that was refused."""
    members = {"__type": error.code, "message": error.message}
    body = bytes([0xA0 + len(members)]) + b"".join(
        _text(name) + _text(value) for name, value in members.items()
    )
    headers = [
        ("Content-Type", "application/cbor"),
        ("smithy-protocol", "rpc-v2-cbor"),
        ("x-amzn-RequestId", request_id),
    ]
    return Response(error.status, headers, body)


def _text(text: str) -> bytes:
    content = text.encode()
    return b"\x7a" + len(content).to_bytes(4, "big") + content
