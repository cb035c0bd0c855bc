"""The forge is asked with the secret's token, and what it refuses is told."""

from __future__ import annotations

import pytest

from ropeway.functions import forges
from ropeway.functions.forges import ForgeError
from tests.unit.functions.forge import Recorder, Secret

GITHUB = {"FORGE_KIND": "github", "FORGE_SECRET": "acme-forge-token"}


@pytest.mark.parametrize("text", ["t0ken", ' {"token": "t0ken"}\n'])
def test_a_workflow_is_dispatched_on_github(text: str) -> None:
    send = Recorder()
    forge = forges.connect(GITHUB, Secret(text), send)
    forge.start("acme-ml/churn", "deploy.yml", "main", {"model": "m/3"})
    assert send.asked == [
        (
            "POST /repos/acme-ml/churn/actions/workflows/deploy.yml/dispatches",
            {"ref": "main", "inputs": {"model": "m/3"}},
        )
    ]
    assert send.headers["Authorization"] == "Bearer t0ken"


def test_a_pipeline_is_started_on_gitlab() -> None:
    send = Recorder()
    forge = forges.connect(
        {**GITHUB, "FORGE_KIND": "gitlab", "FORGE_HOST": "git.acme.example"}, Secret("t"), send
    )
    forge.start("acme/ml/churn", "deploy", "main", {"model": "m/3"})
    assert send.asked == [
        (
            "POST https://git.acme.example/api/v4/projects/acme%2Fml%2Fchurn/pipeline",
            {
                "ref": "main",
                "variables": [
                    {"key": "model", "value": "m/3"},
                    {"key": "ROPEWAY_WORKFLOW", "value": "deploy"},
                ],
            },
        )
    ]
    assert send.headers["PRIVATE-TOKEN"] == "t"


def test_a_server_of_ones_own_has_its_own_address() -> None:
    send = Recorder()
    forges.connect({**GITHUB, "FORGE_HOST": "git.acme.example"}, Secret("t"), send).start(
        "a/b", "w", "main", {}
    )
    assert send.asked[0][0].startswith("POST https://git.acme.example/api/v3/repos/a/b/")


def test_a_refusal_is_an_error_that_says_what_was_asked() -> None:
    call = "POST /repos/a/b/actions/workflows/w.yml/dispatches"
    send = Recorder({call: (422, {"message": "No ref found for: main"})})
    with pytest.raises(ForgeError, match=r"/repos/a/b/.*: 422 No ref found for: main"):
        send.github().start("a/b", "w.yml", "main", {})


@pytest.mark.parametrize("text", [None, "", "{}"])
def test_an_empty_secret_is_named(text: str | None) -> None:
    with pytest.raises(ForgeError, match="'acme-forge-token' holds no token"):
        forges.connect(GITHUB, Secret(text), Recorder())


def test_a_forge_without_an_api_is_an_error() -> None:
    with pytest.raises(ForgeError, match="'sandbox' has no API"):
        forges.connect({**GITHUB, "FORGE_KIND": "sandbox"}, Secret("t"), Recorder())


def test_tokens_are_sent_by_https_only() -> None:
    with pytest.raises(ForgeError, match="is not https"):
        forges.over_http("GET", "http://127.0.0.1:1/x", {}, None)
