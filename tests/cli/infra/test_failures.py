"""Every failure that the documentation names, tried."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

from ropeway.sandbox.server import Server
from tests.cli.infra.conftest import Project, stacks

EXPIRED = b"""<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type>
<Code>ExpiredToken</Code><Message>The security token included in the request is expired</Message></Error>
<RequestId>0</RequestId></ErrorResponse>"""
PROVIDER = """
terraform {
  required_providers {
    nothing = {
      source = "hashicorp/nothing"
    }
  }
}
"""


def test_another_accounts_credentials_are_refused_before_anything_is_done(
    project: Project, sandbox: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", sandbox.endpoint)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "999999999999")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    refused = project("apply", "--yes", "--on", "aws", "--no-role")
    assert refused.exit_code == 2
    assert f"error: {project.unit}/operations is account {project.accounts['operations']}, and" in (
        refused.stderr
    )
    assert "the credentials are of 999999999999" in refused.stderr
    assert not (project.folder / ".ropeway" / "infra").exists()
    taken = project("plan", "--on", "aws", "--env", "dev")  # the role is of the right account
    assert taken.exit_code == 3, taken.output


def test_the_account_option_has_no_say(project: Project) -> None:
    refused = project("plan", "--account", "999999999999")
    assert refused.exit_code == 2
    assert "leave --account out" in refused.stderr


@pytest.fixture
def expired() -> Iterator[str]:
    """An endpoint for which every token has expired."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(403)
            self.send_header("Content-Length", str(len(EXPIRED)))
            self.end_headers()
            self.wfile.write(EXPIRED)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_expired_credentials_are_told(
    project: Project, expired: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", expired)
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"):
        monkeypatch.setenv(name, "old")
    failed = project("plan", "--on", "aws")
    assert failed.exit_code == 1
    assert failed.stderr.splitlines()[-2:] == [
        "error: GetCallerIdentity: The security token included in the request is expired (ExpiredToken)",
        "hint: the credentials have expired; log in again",
    ]


def test_a_locked_state_says_who_and_how_to_unlock(project: Project) -> None:
    lock = {
        "ID": "6a4ab23d-1c11-dc1f-a6b4-0c37e2f8a36c",
        "Operation": "OperationTypeApply",
        "Info": "",
        "Who": "kim@laptop",
        "Version": "1.11.4",
        "Created": "2026-11-20T08:15:30.123456789Z",
        "Path": "",
    }
    project.s3("dev").put_object(
        Bucket=project.bucket("dev"), Key="platform/terraform.tfstate.tflock", Body=json.dumps(lock)
    )
    failed = project("apply", "--env", "dev", "--yes")
    assert failed.exit_code == 1
    assert "the state is locked: kim@laptop holds it for apply since 2026-11-20" in failed.stderr
    assert f"ropeway infra unlock --unit {project.unit} --env dev" in failed.stderr
    asked = project("unlock", "--env", "dev")
    assert asked.exit_code == 2
    assert "kim@laptop holds it for apply since 2026-11-20T08:15:30 UTC" in asked.stderr
    assert project("plan", "--env", "dev").exit_code == 3  # looking needs no lock
    assert project("unlock", "--env", "dev", "--yes").stdout == f"{project.unit}/dev: unlocked\n"
    assert project("unlock", "--env", "dev", "--yes").stdout == "nothing is locked\n"
    assert project("apply", "--env", "dev", "--yes").exit_code == 0


def test_a_missing_provider_is_told_with_the_mirror(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    (project.folder / "mirror" / "registry.terraform.io").mkdir(parents=True)
    monkeypatch.setenv("ROPEWAY_TERRAFORM_MIRROR", str(project.folder / "mirror"))
    monkeypatch.delenv("TF_CLI_CONFIG_FILE", raising=False)
    stacks(project.folder, PROVIDER)
    failed = project("plan", "--env", "dev")
    assert failed.exit_code == 1
    assert f"error: {project.unit}/dev: Failed to query available provider packages: " in failed.stderr
    assert "hashicorp/nothing" in failed.stderr
    assert "ROPEWAY_TERRAFORM_MIRROR" in failed.stderr.splitlines()[-1]


def test_an_account_that_is_not_prepared_is_told(described: Project) -> None:
    failed = described("plan", "--env", "dev")
    assert failed.exit_code == 1
    assert failed.stderr.splitlines()[-2:] == [
        (
            f"error: {described.unit}/dev: account {described.accounts['dev']} is not prepared:"
            f" there is no bucket '{described.bucket('dev')}'"
        ),
        f"hint: ropeway bootstrap dev --unit {described.unit}",
    ]


def test_no_terraform_is_told(project: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ROPEWAY_TERRAFORM", "terraform-of-nobody")
    failed = project("plan")
    assert failed.exit_code == 1
    assert "error: ROPEWAY_TERRAFORM is 'terraform-of-nobody', which is no program" in failed.stderr


def test_a_name_that_is_too_long_and_an_account_listed_twice_are_told_with_their_lines(
    project: Project,
) -> None:
    text = (project.folder / "ropeway.yaml").read_text()
    long = text.replace(f"  {project.unit}:", f"  {'u' * 20}:").replace("      prod:", "      productions:")
    (project.folder / "long.yaml").write_text(long.replace("name: acme", f"name: {'a' * 20}"))
    failed = project("plan", file="long.yaml")
    assert failed.exit_code == 2
    assert "characters" in failed.stderr
    assert "error: long.yaml:" in failed.stderr
    twice = text.replace(project.accounts["prod"], project.accounts["dev"])
    (project.folder / "twice.yaml").write_text(twice)
    failed = project("plan", file="twice.yaml")
    assert failed.exit_code == 2
    assert (
        f"error: twice.yaml:11:23: units.{project.unit}.environments.prod.account: account" in failed.stderr
    )
    assert "is listed twice" in failed.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("plan", "--env", "live"), "error: no unit has an environment 'live'"),
        (("plan", "--unit", "shop"), "error: there is no unit 'shop'"),
        (
            ("destroy", "--yes"),
            "error: --yes alone does not destroy\nhint: say what goes: --yes --confirm acme",
        ),
        (("destroy", "--yes", "--confirm", "acme", "--env", "dev"), "and what goes is 'acme/dev'"),
        (("destroy",), "error: nobody can be asked"),
        (("plan", "--parallel", "0"), "error: Invalid value for '--parallel'"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, tuple) else "",
)
def test_what_is_asked_wrongly_is_told(project: Project, arguments: tuple[str, ...], told: str) -> None:
    refused = project(*arguments)
    assert refused.exit_code == 2
    assert told in refused.stderr
