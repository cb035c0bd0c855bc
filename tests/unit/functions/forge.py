"""A forge that answers from a table and notes what it was asked."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ropeway.functions.forges import Answer, GitHub

API = "https://api.github.com"


class Recorder:
    """Answers by method and path; what is not there is 404, writing is 201."""

    def __init__(self, answers: Mapping[str, Answer] | None = None) -> None:
        self.answers = dict(answers or {})
        self.asked: list[tuple[str, Any]] = []
        self.headers: Mapping[str, str] = {}

    def __call__(self, method: str, url: str, headers: Mapping[str, str], body: Any) -> Answer:
        call = f"{method} {url.removeprefix(API)}"
        self.asked.append((call, body))
        self.headers = headers
        return self.answers.get(call, (404, {"message": "Not Found"}) if method == "GET" else (201, None))

    def calls(self) -> list[str]:
        """What was asked, but for reading."""
        return [call for call, _ in self.asked if not call.startswith("GET ")]

    def github(self) -> GitHub:
        """GitHub on top."""
        return GitHub(API, "t0ken", self)


class Secret:
    """Secrets Manager with one secret."""

    def __init__(self, text: str | None) -> None:
        self.text = text

    def get_secret_value(self, *, SecretId: str) -> Mapping[str, Any]:  # noqa: N803
        return {"Name": SecretId, "SecretString": self.text}
