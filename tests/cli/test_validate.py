"""`ropeway validate` and `ropeway schema`."""

from __future__ import annotations

import json
from pathlib import Path

from ropeway.config.schema import text as schema_text
from tests.cli.conftest import Invoke
from tests.unit.config.examples import GOOD


def test_a_valid_file_is_summed_up(invoke: Invoke, folder: Path) -> None:
    (folder / "ropeway.yaml").write_text(GOOD, encoding="utf-8")
    result = invoke("validate")
    assert (result.exit_code, result.stdout, result.stderr) == (
        0,
        "ropeway.yaml: valid, 1 unit, 3 environments, 4 accounts\n",
        "",
    )


def test_problems_are_told_with_place_and_advice(invoke: Invoke, folder: Path) -> None:
    (folder / "p.yaml").write_text(GOOD.replace("ci:", "cy:").replace("acme\n", "Acme\n"), encoding="utf-8")
    result = invoke("validate", "p.yaml")
    assert (result.exit_code, result.stdout) == (2, "")
    assert result.stderr == (
        "error: p.yaml:1:1: 'ci' is missing\n"
        "hint: add it: what runs deliveries\n"
        "error: p.yaml:2:7: name: 'Acme' is not a name\n"
        "hint: write 1 to 20 small letters, digits and single dashes, a letter first, such as acme\n"
        "error: p.yaml:4:1: cy: unknown key 'cy'\n"
        "hint: known here: version, name, forge, ci, compatibility, shared_accounts, terraform, tags, units\n"
    )


def test_json_has_the_problems(invoke: Invoke, folder: Path) -> None:
    (folder / "ropeway.yaml").write_text(GOOD.replace("acme\n", "Acme\n"), encoding="utf-8")
    result = invoke("validate", "--output", "json")
    assert (result.exit_code, result.stderr) == (2, "")
    report = json.loads(result.stdout)
    assert (report["valid"], report["places"]) == (False, [])
    assert report["problems"] == [
        {
            "file": "ropeway.yaml",
            "line": 2,
            "column": 7,
            "key": "name",
            "message": "'Acme' is not a name",
            "advice": "write 1 to 20 small letters, digits and single dashes, a letter first, such as acme",
        }
    ]


def test_json_has_every_name_of_every_account(invoke: Invoke, folder: Path) -> None:
    (folder / "ropeway.yaml").write_text(GOOD, encoding="utf-8")
    report = json.loads(invoke("validate", "--output", "json").stdout)
    assert [place["environment"] for place in report["places"]] == ["operations", "dev", "preprod", "prod"]
    assert report["places"][1]["names"]["bucket"]["data"] == "acme-retail-dev-data-111111111111"
    assert (
        report["places"][0]["parameters"]["buckets/registry"]
        == "/ropeway/acme/retail/operations/buckets/registry"
    )


def test_names_are_listed_when_asked_for(invoke: Invoke, folder: Path) -> None:
    (folder / "ropeway.yaml").write_text(GOOD, encoding="utf-8")
    lines = invoke("validate", "--names").stdout.splitlines()
    assert "retail preprod (222222222222, eu-west-1)" in lines
    assert "  bucket          acme-retail-preprod-tfstate-222222222222" in lines
    assert "  parameter       /ropeway/acme/retail/prod/network/vpc-id" in lines


def test_a_missing_file_says_what_writes_it(invoke: Invoke) -> None:
    result = invoke("validate")
    assert (result.exit_code, result.stderr) == (
        2,
        "error: there is no 'ropeway.yaml'\nhint: ropeway init writes one\n",
    )


def test_the_schema_is_printed(invoke: Invoke) -> None:
    assert invoke("schema").stdout == schema_text()
    assert json.loads(invoke("schema", "--output", "json").stdout) == json.loads(schema_text())
