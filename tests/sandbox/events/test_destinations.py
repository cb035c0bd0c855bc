"""API destinations: what an HTTP server really gets, by which authorisation, how often; and what is kept secret."""

from __future__ import annotations

import base64
import json
import queue
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.exceptions import ClientError

from tests.sandbox.events.test_targets import letter, put, role

Client = Callable[..., Any]
BASIC = {"BasicAuthParameters": {"Username": "user", "Password": "pass-word"}}
KEY = {"ApiKeyAuthParameters": {"ApiKeyName": "x-api-key", "ApiKeyValue": "key-value"}}


@dataclass
class Listener:
    """A server of somebody else, and what it was asked."""

    url: str
    statuses: list[int] = field(default_factory=list)
    requests: queue.Queue[dict[str, Any]] = field(default_factory=queue.Queue)
    tokens: int = 0

    def next(self) -> dict[str, Any]:
        """The next request."""
        return self.requests.get(timeout=20)

    def answer(self, request: dict[str, Any]) -> tuple[int, bytes]:
        """A token for those who ask for one, else the next status."""
        if request["path"] == "/token":
            self.tokens += 1
            self.requests.put(request)
            return 200, json.dumps({"access_token": f"t{self.tokens}", "expires_in": 3600}).encode()
        self.requests.put(request)
        return (self.statuses.pop(0) if self.statuses else 200), b"told"


@pytest.fixture
def listener() -> Iterator[Listener]:
    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            parts = urlsplit(self.path)
            body = self.rfile.read(int(self.headers.get("content-length", 0)))
            request = {
                "method": self.command,
                "path": parts.path,
                "query": parse_qs(parts.query),
                "headers": {name.lower(): value for name, value in self.headers.items()},
                "body": body.decode(),
            }
            status, content = made.answer(request)
            self.send_response(status)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_POST = do_PUT = do_GET = handle_any  # noqa: N815 - the library's names

        def log_message(self, *_: Any) -> None:
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    made = Listener(f"http://127.0.0.1:{server.server_address[1]}")
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()


def connect(client: Client, name: str, kind: str, auth: dict[str, Any]) -> str:
    made = client("events").create_connection(Name=name, AuthorizationType=kind, AuthParameters=auth)
    return str(made["ConnectionArn"])


def aim(client: Client, name: str, connection: str, url: str, **more: Any) -> None:
    """A rule that sends events of a source to an API destination."""
    events = client("events")
    settings = more.pop("destination", {})
    made = events.create_api_destination(
        **{
            "Name": name,
            "ConnectionArn": connection,
            "InvocationEndpoint": url,
            "HttpMethod": "POST",
            **settings,
        }
    )
    events.put_rule(Name=name, EventPattern=json.dumps({"source": [name]}))
    target = {
        "Id": "only",
        "Arn": made["ApiDestinationArn"],
        "RoleArn": role(client, "caller", "events:InvokeApiDestination"),
        **more,
    }
    assert events.put_targets(Rule=name, Targets=[target])["FailedEntryCount"] == 0


def test_an_event_comes_with_the_connection_s_user(client: Client, listener: Listener) -> None:
    connection = connect(client, "basic", "BASIC", BASIC)
    aim(client, "basic", connection, f"{listener.url}/hook")
    put(client, "basic", {"n": 7})
    got = listener.next()
    assert (got["method"], got["path"]) == ("POST", "/hook")
    assert json.loads(got["body"])["detail"] == {"n": 7}
    assert got["headers"]["authorization"] == "Basic " + base64.b64encode(b"user:pass-word").decode()
    assert got["headers"]["content-type"] == "application/json; charset=utf-8"
    assert got["headers"]["user-agent"] == "Amazon/EventBridge/ApiDestinations"


def test_parameters_of_target_and_connection_come_together(client: Client, listener: Listener) -> None:
    given = {
        "HeaderParameters": [{"Key": "x-secret", "Value": "hidden", "IsValueSecret": True}],
        "QueryStringParameters": [{"Key": "q", "Value": "connection"}],
        "BodyParameters": [{"Key": "added", "Value": "b"}],
    }
    connection = connect(client, "key", "API_KEY", {**KEY, "InvocationHttpParameters": given})
    parameters = {
        "PathParameterValues": ["$.detail.id", "b c"],
        "HeaderParameters": {"x-own": "$.source"},
        "QueryStringParameters": {"q": "target", "r": "1"},
    }
    put_ = {"destination": {"HttpMethod": "PUT"}, "HttpParameters": parameters, "InputPath": "$.detail"}
    aim(client, "key", connection, f"{listener.url}/a/*/b/*", **put_)
    put(client, "key", {"id": "5"})
    got = listener.next()
    assert (got["method"], got["path"]) == ("PUT", "/a/5/b/b%20c")
    assert (got["headers"]["x-api-key"], got["headers"]["x-secret"]) == ("key-value", "hidden")
    assert got["headers"]["x-own"] == "key"
    assert got["query"] == {"q": ["connection"], "r": ["1"]}
    assert json.loads(got["body"]) == {"id": "5", "added": "b"}


def test_client_credentials_are_exchanged_once_and_again_when_refused(
    client: Client, listener: Listener
) -> None:
    oauth = {
        "ClientParameters": {"ClientID": "me", "ClientSecret": "mine"},
        "AuthorizationEndpoint": f"{listener.url}/token",
        "HttpMethod": "POST",
        "OAuthHttpParameters": {"BodyParameters": [{"Key": "scope", "Value": "all"}]},
    }
    connection = connect(client, "oauth", "OAUTH_CLIENT_CREDENTIALS", {"OAuthParameters": oauth})
    aim(client, "oauth", connection, f"{listener.url}/hook")
    put(client, "oauth")
    asked = listener.next()
    assert asked["path"] == "/token"
    assert parse_qs(asked["body"]) == {
        "grant_type": ["client_credentials"],
        "client_id": ["me"],
        "client_secret": ["mine"],
        "scope": ["all"],
    }
    assert listener.next()["headers"]["authorization"] == "Bearer t1"
    listener.statuses = [401]
    put(client, "oauth")
    seen = [listener.next() for _ in range(3)]
    assert [(each["path"], each["headers"].get("authorization")) for each in seen] == [
        ("/hook", "Bearer t1"),
        ("/token", None),
        ("/hook", "Bearer t2"),
    ]


def test_a_server_that_fails_is_asked_again_and_one_that_refuses_is_not(
    client: Client, listener: Listener, queue: Callable[..., Any]
) -> None:
    connection = connect(client, "again", "BASIC", BASIC)
    dead = queue("dead-destination")
    more = {"DeadLetterConfig": {"Arn": dead.arn}, "RetryPolicy": {"MaximumRetryAttempts": 1}}
    aim(client, "again", connection, f"{listener.url}/hook", **more)
    listener.statuses = [503]
    put(client, "again", {"n": 1})
    first, second = listener.next(), listener.next()
    assert first["body"] == second["body"]
    listener.statuses = [400]
    put(client, "again", {"n": 2})
    code, event = letter(dead)
    assert (code, event["detail"]) == ("ERROR_FROM_TARGET", {"n": 2})


def test_addresses_beyond_this_machine_are_not_asked(client: Client, queue: Callable[..., Any]) -> None:
    connection = connect(client, "beyond", "BASIC", BASIC)
    dead = queue("dead-beyond")
    aim(client, "beyond", connection, "https://example.com/hook", DeadLetterConfig={"Arn": dead.arn})
    put(client, "beyond")
    assert letter(dead)[0] == "CONNECTION_FAILURE"


def test_secrets_are_not_told_and_updates_hold_at_once(client: Client, listener: Listener) -> None:
    events = client("events")
    arn = connect(client, "told", "BASIC", BASIC)
    aim(client, "told", arn, f"{listener.url}/hook", destination={"InvocationRateLimitPerSecond": 5})
    told = events.describe_connection(Name="told")
    assert (told["ConnectionArn"], told["ConnectionState"]) == (arn, "AUTHORIZED")
    assert told["AuthParameters"] == {"BasicAuthParameters": {"Username": "user"}}
    assert [each["Name"] for each in events.list_connections(NamePrefix="told")["Connections"]] == ["told"]
    found = events.describe_api_destination(Name="told")
    assert (found["ApiDestinationState"], found["InvocationRateLimitPerSecond"]) == ("ACTIVE", 5)
    (listed,) = events.list_api_destinations(ConnectionArn=arn)["ApiDestinations"]
    assert listed["InvocationEndpoint"] == f"{listener.url}/hook"

    events.update_connection(Name="told", AuthorizationType="API_KEY", AuthParameters=KEY)
    events.update_api_destination(Name="told", InvocationEndpoint=f"{listener.url}/new")
    put(client, "told")
    got = listener.next()
    assert (got["path"], got["headers"]["x-api-key"]) == ("/new", "key-value")
    assert "authorization" not in got["headers"]

    assert events.deauthorize_connection(Name="told")["ConnectionState"] == "DEAUTHORIZED"
    assert events.describe_api_destination(Name="told")["ApiDestinationState"] == "INACTIVE"
    events.delete_api_destination(Name="told")
    events.delete_connection(Name="told")
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        events.describe_connection(Name="told")
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        events.describe_api_destination(Name="told")


def test_what_is_wrong_is_refused(client: Client, listener: Listener) -> None:
    events = client("events")
    with pytest.raises(ClientError, match="AuthParameters must have BasicAuthParameters"):
        connect(client, "wrong", "BASIC", KEY)
    arn = connect(client, "right", "BASIC", BASIC)
    with pytest.raises(ClientError, match="ResourceAlreadyExistsException"):
        connect(client, "right", "BASIC", BASIC)
    given = {"Name": "wrong", "ConnectionArn": arn, "HttpMethod": "POST"}
    with pytest.raises(ClientError, match="must be an HTTPS address"):
        events.create_api_destination(**given, InvocationEndpoint="http://example.com/hook")
    with pytest.raises(ClientError, match="ResourceNotFoundException"):
        events.create_api_destination(
            **{**given, "ConnectionArn": arn[:-1] + "0"}, InvocationEndpoint=listener.url
        )
    made = events.create_api_destination(**given, InvocationEndpoint=listener.url)["ApiDestinationArn"]
    events.put_rule(Name="wrong", EventPattern=json.dumps({"source": ["wrong"]}))
    with pytest.raises(ClientError, match="RoleArn is required"):
        events.put_targets(Rule="wrong", Targets=[{"Id": "only", "Arn": made}])
