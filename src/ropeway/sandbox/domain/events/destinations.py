"""API destinations: events as HTTP requests, authorised as their connection says.

Connections and destinations are records, secrets and all; what is told of them leaves secrets out (``shown``). A
request is made as EventBridge makes it: the destination's address with its path parameters filled in, parameters of the
connection over those of the target, and an ``Authorization``, the connection's header, or a token that the client
credentials are exchanged for. A token is kept until it expires or is refused. 401, 407, 409, 429 and 5xx are tried
again, every other refusal ends the delivery. Left out: private connections, and ``Retry-After``.
"""

from __future__ import annotations

import base64
import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from urllib.parse import quote, urlencode

from ropeway.sandbox.domain.events.failures import Undeliverable
from ropeway.sandbox.domain.events.model import Delivery
from ropeway.sandbox.domain.records.ports import Record
from ropeway.values.clock import Clock

__all__ = ["CONNECTION", "DESTINATION", "RATE", "Answered", "Destinations", "Http", "Sent", "shown"]

CONNECTION, DESTINATION = "EventConnection", "ApiDestination"
"""The kinds of their records."""
RATE = 300
"""Requests a second that a destination gets when it does not say."""

_AGAIN = {401, 407, 409, 429}
_REFUSED = {401, 407}
_EARLY = 60.0  # seconds before its end that a token is not used any more
_BODILESS = {"GET", "HEAD", "OPTIONS"}
_SECRETS = {"Password", "ApiKeyValue", "ClientSecret"}
_LISTS = {"HeaderParameters": "headers", "QueryStringParameters": "query", "BodyParameters": "body"}


@dataclass(frozen=True)
class Sent:
    """One request."""

    method: str
    url: str
    headers: Mapping[str, str]
    body: bytes | None


@dataclass(frozen=True)
class Answered:
    """What came back."""

    status: int
    body: bytes


class Http(Protocol):
    """Sends requests."""

    def send(self, request: Sent) -> Answered:
        """The answer to a request; redirections are not followed.

        Raises:
            Undeliverable: the address may not be asked, or does not answer.
        """

    def pace(self, name: str, rate: float) -> None:
        """Wait until one more request a second is within a rate."""


@dataclass
class _Parameters:
    headers: dict[str, str] = field(default_factory=dict)
    query: dict[str, str] = field(default_factory=dict)
    body: dict[str, Any] = field(default_factory=dict)

    def take(self, given: Mapping[str, Any]) -> None:
        """Put in the lists of a connection, or the objects of a target."""
        for name, member in _LISTS.items():
            found = given.get(name) or {}
            if not isinstance(found, Mapping):
                found = {each["Key"]: each.get("Value", "") for each in found}
            getattr(self, member).update(found)


class Destinations:
    """Sends events to API destinations.

    Args:
        find: a record by its ARN.
    """

    def __init__(self, find: Callable[[str], Record | None], http: Http, clock: Clock) -> None:
        self._find = find
        self._http = http
        self._clock = clock
        self._lock = threading.Lock()
        self._tokens: dict[str, tuple[float, float, str]] = {}

    def call(self, delivery: Delivery) -> None:
        """Send one.

        Raises:
            Undeliverable: it did not arrive.
        """
        arn = str(delivery.target["Arn"])
        destination = self._get(arn, DESTINATION)
        connection = self._get(str(destination.document["ConnectionArn"]), CONNECTION)
        if connection.document.get("ConnectionState") != "AUTHORIZED":
            raise Undeliverable("NO_PERMISSIONS", f"The connection {connection.name} is deauthorized.")
        parameters = _Parameters()
        parameters.take(delivery.target.get("HttpParameters") or {})
        auth = connection.document["AuthParameters"]
        parameters.take(auth.get("InvocationHttpParameters") or {})
        parameters.headers.update(self._authorization(connection))
        self._http.pace(arn, destination.document.get("InvocationRateLimitPerSecond", RATE))
        answer = self._http.send(_request(destination, delivery, parameters))
        if 200 <= answer.status < 300:
            return
        if answer.status in _REFUSED:
            with self._lock:
                self._tokens.pop(connection.arn, None)
        told = answer.body[:500].decode("utf-8", "replace")
        text = f"{destination.document['InvocationEndpoint']} answered {answer.status}: {told}"
        raise Undeliverable("ERROR_FROM_TARGET", text, again=answer.status in _AGAIN or answer.status >= 500)

    def _get(self, arn: str, kind: str) -> Record:
        found = self._find(arn)
        if found is None or found.kind != kind:
            raise Undeliverable("NO_RESOURCE", f"{arn} does not exist.")
        return found

    def _authorization(self, connection: Record) -> dict[str, str]:
        kind, auth = connection.document["AuthorizationType"], connection.document["AuthParameters"]
        if kind == "BASIC":
            basic = auth["BasicAuthParameters"]
            pair = base64.b64encode(f"{basic['Username']}:{basic['Password']}".encode()).decode()
            return {"Authorization": f"Basic {pair}"}
        if kind == "API_KEY":
            key = auth["ApiKeyAuthParameters"]
            return {key["ApiKeyName"]: key["ApiKeyValue"]}
        return {"Authorization": f"Bearer {self._token(connection)}"}

    def _token(self, connection: Record) -> str:
        with self._lock:
            changed, until, token = self._tokens.get(connection.arn, (0.0, 0.0, ""))
            if changed == connection.modified and self._clock.now() < until:
                return token
        answer = self._http.send(_token_request(connection.document["AuthParameters"]["OAuthParameters"]))
        try:
            told = json.loads(answer.body)
            token, lasts = str(told["access_token"]), float(told.get("expires_in", 0))
        except (ValueError, TypeError, KeyError) as error:
            text = f"The authorization endpoint of {connection.name} gave no token: {answer.status}"
            raise Undeliverable("ERROR_FROM_TARGET", text, again=answer.status >= 500) from error
        with self._lock:
            until = self._clock.now() + max(0.0, lasts - _EARLY)
            self._tokens[connection.arn] = (connection.modified, until, token)
        return token


def shown(auth: Mapping[str, Any]) -> dict[str, Any]:
    """A connection's ``AuthParameters`` as they are told: without secrets."""
    told: dict[str, Any] = {}
    for name, value in auth.items():
        if name in _SECRETS:
            continue
        if isinstance(value, Mapping):
            told[name] = shown(value)
        elif isinstance(value, list):
            told[name] = [_bare(each) for each in value]
        else:
            told[name] = value
    return told


def _bare(parameter: Mapping[str, Any]) -> dict[str, Any]:
    secret = parameter.get("IsValueSecret", False)
    kept = {name: value for name, value in parameter.items() if not (secret and name == "Value")}
    return {"IsValueSecret": False, **kept}


def _request(destination: Record, delivery: Delivery, parameters: _Parameters) -> Sent:
    document = destination.document
    url, method = str(document["InvocationEndpoint"]), str(document["HttpMethod"])
    for value in (delivery.target.get("HttpParameters") or {}).get("PathParameterValues", ()):
        url = url.replace("*", quote(str(value), safe=""), 1)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "Amazon/EventBridge/ApiDestinations",
        "Range": "bytes=0-1048575",
        **parameters.headers,
    }
    body = None if method in _BODILESS else _body(delivery.payload, parameters.body)
    return Sent(method, _with_query(url, parameters.query), headers, body)


def _token_request(oauth: Mapping[str, Any]) -> Sent:
    parameters = _Parameters()
    parameters.take(oauth.get("OAuthHttpParameters") or {})
    client = oauth["ClientParameters"]
    form = {
        "grant_type": "client_credentials",
        "client_id": client["ClientID"],
        "client_secret": client["ClientSecret"],
        **parameters.body,
    }
    headers = {"Content-Type": "application/x-www-form-urlencoded", **parameters.headers}
    method, url = oauth["HttpMethod"], oauth["AuthorizationEndpoint"]
    if method in _BODILESS:
        return Sent(method, _with_query(url, {**form, **parameters.query}), headers, None)
    return Sent(method, _with_query(url, parameters.query), headers, urlencode(form).encode())


def _body(payload: str, added: Mapping[str, Any]) -> bytes:
    if not added:
        return payload.encode()
    try:
        document = json.loads(payload)
    except ValueError:
        return payload.encode()
    return json.dumps({**document, **added} if isinstance(document, Mapping) else document).encode()


def _with_query(url: str, query: Mapping[str, str]) -> str:
    if not query:
        return url
    return f"{url}{'&' if '?' in url else '?'}{urlencode(query)}"
