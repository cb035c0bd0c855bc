"""The forge's API over HTTP: a bearer token, JSON both ways, errors that say what was asked."""

from __future__ import annotations

import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Mapping
from typing import Any, Protocol
from urllib.parse import quote

__all__ = ["Answer", "ForgeError", "GitHub", "GitLab", "Send", "connect", "token"]

Answer = tuple[int, Any]
Send = Callable[[str, str, Mapping[str, str], Any], Answer]
_TIMEOUT = 20
_TRIES = 3


class ForgeError(RuntimeError):
    """The forge refused, or could not be reached."""


class Secrets(Protocol):
    """Secrets Manager's client."""

    def get_secret_value(self, *, SecretId: str) -> Mapping[str, Any]:  # noqa: N803
        """The secret's current version."""


def connect(environ: Mapping[str, str], secrets: Secrets, send: Send | None = None) -> GitHub | GitLab:
    """The forge that the function's environment names: ``FORGE_KIND``, ``FORGE_HOST``, ``FORGE_SECRET``.

    Raises:
        ForgeError: it names none that has an API, or the secret holds no token.
    """
    kind, host = environ["FORGE_KIND"], environ.get("FORGE_HOST", "")
    secret = token(secrets, environ["FORGE_SECRET"])
    if kind == "gitlab":
        return GitLab(f"https://{host or 'gitlab.com'}/api/v4", secret, send or over_http)
    if kind == "github":
        return GitHub(
            f"https://{host}/api/v3" if host else "https://api.github.com", secret, send or over_http
        )
    raise ForgeError(f"a forge of kind {kind!r} has no API that could be called")


def token(secrets: Secrets, name: str) -> str:
    """A token: the secret's text, or its member ``token``.

    Raises:
        ForgeError: the secret is empty.
    """
    text = str(secrets.get_secret_value(SecretId=name).get("SecretString") or "").strip()
    if text.startswith("{"):
        text = str(json.loads(text).get("token") or "")
    if not text:
        raise ForgeError(f"the secret {name!r} holds no token")
    return text


class GitHub:
    """GitHub's REST API, of github.com or a server of one's own."""

    def __init__(self, url: str, secret: str, send: Send) -> None:
        self._url = url
        self._headers = {
            "Authorization": f"Bearer {secret}",
            "Accept": "application/vnd.github+json",
            "X-GitHub-Api-Version": "2022-11-28",
        }
        self._send = send

    def ask(self, method: str, path: str, body: Any = None, *, allow: tuple[int, ...] = ()) -> Answer:
        """One call.

        Args:
            method: HTTP's.
            path: below the API's address.
            body: sent as JSON.
            allow: statuses besides 2xx that are no errors.

        Raises:
            ForgeError: any other status.
        """
        return _checked(self._send(method, self._url + path, self._headers, body), method, path, allow)

    def start(self, repository: str, workflow: str, ref: str, inputs: Mapping[str, str]) -> None:
        """Dispatch one workflow."""
        path = f"/repos/{quote(repository)}/actions/workflows/{quote(workflow)}/dispatches"
        self.ask("POST", path, {"ref": ref, "inputs": dict(inputs)})


class GitLab:
    """GitLab's REST API: a workflow is the pipeline of a branch, its inputs are variables."""

    def __init__(self, url: str, secret: str, send: Send) -> None:
        self._url = url
        self._headers = {"PRIVATE-TOKEN": secret}
        self._send = send

    def start(self, repository: str, workflow: str, ref: str, inputs: Mapping[str, str]) -> None:
        """Run the branch's pipeline; the workflow's name is the variable ``ROPEWAY_WORKFLOW``."""
        path = f"/projects/{quote(repository, safe='')}/pipeline"
        variables = [{"key": key, "value": value} for key, value in inputs.items()]
        variables.append({"key": "ROPEWAY_WORKFLOW", "value": workflow})
        _checked(
            self._send("POST", self._url + path, self._headers, {"ref": ref, "variables": variables}),
            "POST",
            path,
            (),
        )


def _checked(answer: Answer, method: str, path: str, allow: tuple[int, ...]) -> Answer:
    status, body = answer
    if 200 <= status < 300 or status in allow:
        return answer
    said = body.get("message") if isinstance(body, dict) else body
    raise ForgeError(f"{method} {path}: {status} {said or ''}".rstrip())


def over_http(method: str, url: str, headers: Mapping[str, str], body: Any) -> Answer:
    """Send a request; what is the forge's own fault, or its wish to be asked later, is tried again."""
    if not url.startswith("https://"):
        raise ForgeError(f"{url} is not https")
    data = None if body is None else json.dumps(body).encode()
    sent = {**headers, "Content-Type": "application/json", "User-Agent": "ropeway"}
    for attempt in range(_TRIES):
        try:
            request = urllib.request.Request(url, data, sent, method=method)  # noqa: S310
            with urllib.request.urlopen(request, timeout=_TIMEOUT) as response:  # noqa: S310
                return response.status, _json(response.read())
        except urllib.error.HTTPError as error:
            if (error.code != 429 and error.code < 500) or attempt == _TRIES - 1:
                return error.code, _json(error.read())
        except OSError as error:
            if attempt == _TRIES - 1:
                raise ForgeError(f"{method} {url}: {error}") from error
        time.sleep(2**attempt)
    raise AssertionError("unreachable")


def _json(text: bytes) -> Any:
    try:
        return json.loads(text) if text else None
    except ValueError:
        return text.decode(errors="replace")[:200]


def environ() -> Mapping[str, str]:
    """The function's own environment."""
    return os.environ
