"""`ropeway init`: by options, by questions, from S1; never over another file."""

from __future__ import annotations

import json
from pathlib import Path

from tests.cli.conftest import Invoke

OPTIONS = (
    *("init", "--name", "acme", "--forge", "gitlab", "--organization", "acme/ml", "--unit", "retail"),
    *("--region", "eu-west-1", "--environment", "dev=111111111111", "--environment", "prod=333333333333"),
)


def test_options_make_a_file_that_is_valid(invoke: Invoke, folder: Path) -> None:
    result = invoke(*OPTIONS, "--operations", "444444444444")
    assert (result.exit_code, result.stdout) == (0, "wrote ropeway.yaml; next: ropeway validate\n")
    text = (folder / "ropeway.yaml").read_text(encoding="utf-8")
    assert "forge: {kind: gitlab, organization: acme/ml}" in text
    assert "ci: gitlab-ci" in text
    assert (folder / ".ropeway" / "schema.json").is_file()
    result = invoke("validate")
    assert (result.exit_code, result.stdout) == (
        0,
        "ropeway.yaml: valid, 1 unit, 2 environments, 3 accounts\n",
    )


def test_the_first_environment_plays_operations_when_nothing_is_said(invoke: Invoke, folder: Path) -> None:
    assert invoke(*OPTIONS, "--file", "p.yaml", "--output", "json").stdout == '{\n  "file": "p.yaml"\n}\n'
    assert 'operations: "111111111111"' in (folder / "p.yaml").read_text(encoding="utf-8")


def test_what_is_missing_is_named_where_nobody_can_be_asked(invoke: Invoke, folder: Path) -> None:
    result = invoke("init", "--no-ask", "--name", "acme")
    assert result.exit_code == 2
    assert result.stderr == (
        "error: --organization is missing (organization on github)\nhint: give it, or --ask to be asked\n"
    )
    assert not (folder / "ropeway.yaml").exists()


def test_on_a_terminal_it_asks(invoke: Invoke, folder: Path) -> None:
    answers = [
        "acme",
        "",
        "acme-ml",
        "retail",
        "",
        "lab live",
        "111111111111",
        "222222222222",
        "444444444444",
    ]
    result = invoke("init", "--ask", input="\n".join(answers) + "\n")
    assert result.exit_code == 0, result.output
    assert result.stdout == "wrote ropeway.yaml; next: ropeway validate\n"
    text = (folder / "ropeway.yaml").read_text(encoding="utf-8")
    assert 'lab: {account: "111111111111"}\n      live: {account: "222222222222"}' in text
    assert "region: eu-west-1" in text


def test_an_interrupted_conversation_writes_nothing(invoke: Invoke, folder: Path) -> None:
    result = invoke("init", "--ask", input="acme\n")
    assert result.exit_code == 130
    assert not (folder / "ropeway.yaml").exists()


def test_a_file_that_exists_is_kept(invoke: Invoke, folder: Path) -> None:
    (folder / "ropeway.yaml").write_text("mine", encoding="utf-8")
    result = invoke(*OPTIONS)
    assert (result.exit_code, result.stderr) == (
        2,
        "error: 'ropeway.yaml' exists\nhint: edit it, or name another with --file\n",
    )
    assert (folder / "ropeway.yaml").read_text(encoding="utf-8") == "mine"


def test_wrong_options_are_all_told(invoke: Invoke, folder: Path) -> None:
    result = invoke(*OPTIONS, "--operations", "4", "--environment", "extra=111111111111")
    assert result.exit_code == 2
    errors = [line for line in result.stderr.splitlines() if line.startswith("error: ")]
    assert errors[0] == "error: units.retail.operations.account: '4' is not an account number"
    assert errors[1].startswith(
        "error: units.retail.environments.extra.account: account 111111111111 is listed twice"
    )
    assert not (folder / "ropeway.yaml").exists()


def test_an_environment_is_a_pair(invoke: Invoke) -> None:
    result = invoke("init", "--environment", "dev")
    assert result.exit_code == 2
    assert "'dev' is not NAME=ACCOUNT" in result.stderr
    result = invoke("init", "--environment", "dev=1", "--environment", "dev=2")
    assert "'dev' is given twice" in result.stderr


def test_from_takes_no_units_of_its_own(invoke: Invoke, folder: Path) -> None:
    unit = {
        "region": "eu-west-1",
        **{f"{e}_account_number": f"{n}" * 12 for n, e in enumerate(("dev", "preprod", "prod"))},
    }
    (folder / "config.json").write_text(json.dumps({"unit_1": unit}), encoding="utf-8")
    assert (
        "--from and --unit exclude each other"
        in invoke("init", "--from", "config.json", "--unit", "x").stderr
    )
    assert invoke("init", "--from", "config.json", "--organization", "acme").exit_code == 0
    assert "unit-1:" in (folder / "ropeway.yaml").read_text(encoding="utf-8")
    assert invoke("validate").exit_code == 0
