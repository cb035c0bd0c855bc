"""S1's files become a platform; what is wrong with them is told with its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from ropeway.config import s1
from ropeway.config.load import load
from ropeway.errors import ConfigError, UsageError
from ropeway.usecases.init import Answers, compose, from_s1, write

UNIT = {
    "region": "eu-west-2",
    "dev_account_number": "111111111111",
    "preprod_account_number": "222222222222",
    "prod_account_number": "333333333333",
}
OTHER = {
    **UNIT,
    **{key: value.replace("1", "4").replace("2", "5").replace("3", "6") for key, value in UNIT.items()},
}
OTHER["region"] = "eu-west-1"
USERS = "prefix: lead-ds\nusers:\n  - user_profile_name: lead-data-scientist\n  - user_profile_name: kim\n"


def folder(tmp_path: Path, config: Any, **siblings: str) -> Path:
    """S1's base-infrastructure folder; its config.json."""
    for key, text in siblings.items():
        path = tmp_path / s1.SIBLINGS[key]
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    file = tmp_path / "config.json"
    file.write_text(config if isinstance(config, str) else json.dumps(config, indent="\t"), encoding="utf-8")
    return file


def convert(file: Path, *, organization: str | None = None, shared_accounts: bool = False) -> str:
    return from_s1(file, name=None, organization=organization, shared_accounts=shared_accounts)


def test_units_users_and_organization_are_taken_over(tmp_path: Path) -> None:
    file = folder(
        tmp_path,
        {"business_unit_1": UNIT, "Second Unit": OTHER},
        tfvars='environment = "dev"\n  github_organization = "acme-ml" # ours\n',
        leads=USERS,
        data_scientists=USERS.replace("lead-data-scientist", "sam").replace("kim", "alex"),
    )
    written = tmp_path / "ropeway.yaml"
    write(written, convert(file))
    platform = load(written)
    assert (platform.name, platform.forge.organization, platform.compatibility) == ("mlops", "acme-ml", "s1")
    first, second = platform.units.values()
    assert list(platform.units) == ["business-unit-1", "second-unit"]
    assert (first.region, second.region) == ("eu-west-2", "eu-west-1")
    assert {name: each.account for name, each in first.environments.items()} == {
        "dev": "111111111111",
        "preprod": "222222222222",
        "prod": "333333333333",
    }
    assert first.operations.account == "111111111111"
    assert first.users.leads == ("lead-data-scientist", "kim")
    assert second.users.data_scientists == ("sam", "alex")


def test_an_organization_that_is_given_wins(tmp_path: Path) -> None:
    file = folder(tmp_path, {"a": UNIT}, tfvars='github_organization = "other"')
    assert "organization: mine" in convert(file, organization="mine")


def test_without_an_organization_it_is_asked_for(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="nothing names the organization"):
        convert(folder(tmp_path, {"a": UNIT}))


def test_a_trial_in_one_account_must_be_meant_and_gives_up_s1_names(tmp_path: Path) -> None:
    one = {key: value if key == "region" else "111111111111" for key, value in UNIT.items()}
    with pytest.raises(ConfigError) as caught:
        convert(folder(tmp_path, {"a": one}), organization="acme")
    assert sum("listed twice" in message for message, _ in caught.value.told()) == 2
    text = convert(folder(tmp_path, {"a": one}), organization="acme", shared_accounts=True)
    assert "shared_accounts: true" in text
    assert "compatibility" not in text


WRONG: list[tuple[Any, list[str]]] = [
    ([], ["1:1: must be an object of business units"]),
    ({}, ["1:1: must be an object of business units"]),
    ({"a": 1}, ["2:7: a: must be an object"]),
    ('{"a": {"region": "eu-west-1"}}', ["1:2: a: 'dev_account_number' is missing",
     "1:2: a: 'preprod_account_number' is missing", "1:2: a: 'prod_account_number' is missing"]),
    ({"a": {**UNIT, "dev_account_number": 111111111111}}, ["4:25: a.dev_account_number: must be text"]),
    ({"a": {**UNIT, "dev_account_number": "1"}}, ["4:25: a.dev_account_number: '1' is not an account number"]),
    ({"a": {**UNIT, "test_account_number": "1"}}, ["7:3: a.test_account_number: unknown key 'test_account_number'"]),
    ({"1a": UNIT}, ["2:2: 1a: '1a' is not a unit's name"]),
    ({"a_b": UNIT, "a-b": UNIT}, ["8:2: a-b: becomes 'a-b', as 'a_b' does"]),
    ('{"a": ', ["1:7: not YAML: expected the node content, but found '<stream end>' while parsing a flow node"]),
]  # fmt: skip


@pytest.mark.parametrize(("config", "told"), WRONG, ids=[told[0] for _, told in WRONG])
def test_what_is_wrong_is_told_with_its_place(tmp_path: Path, config: Any, told: list[str]) -> None:
    file = folder(tmp_path, config)
    with pytest.raises(ConfigError) as caught:
        convert(file, organization="acme")
    assert [message.removeprefix(f"{file}:") for message, _ in caught.value.told()] == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("- a\n", ":1:1: 'users' must be a list"),
        ("users:\n  - name: kim\n", ":2:5: users[0]: 'user_profile_name' is missing"),
    ],
)
def test_a_wrong_list_of_users_is_told(tmp_path: Path, text: str, told: str) -> None:
    file = folder(tmp_path, {"a": UNIT}, leads=text)
    with pytest.raises(ConfigError) as caught:
        convert(file, organization="acme")
    assert str(caught.value) == f"{tmp_path / s1.SIBLINGS['leads']}{told}"


def test_answers_that_are_wrong_are_told_by_their_keys() -> None:
    unit = {"region": "eu-west-1", "operations": "1", "environments": {"dev": {"account": "2"}}}
    with pytest.raises(ConfigError) as caught:
        compose(Answers(name="acme", forge="github", organization="x", units={"a": unit}))
    assert [message for message, _ in caught.value.told()] == [
        "units.a.operations.account: '1' is not an account number",
        "units.a.environments.dev.account: '2' is not an account number",
    ]


def test_a_file_is_never_overwritten_and_leaves_nothing_beside_it(tmp_path: Path) -> None:
    file = tmp_path / "ropeway.yaml"
    write(file, "first")
    with pytest.raises(UsageError, match=r"ropeway\.yaml' exists"):
        write(file, "second")
    assert file.read_text(encoding="utf-8") == "first"
    assert sorted(each.name for each in tmp_path.iterdir()) == [".ropeway", "ropeway.yaml"]
    assert [each.name for each in (tmp_path / ".ropeway").iterdir()] == ["schema.json"]


def test_a_place_that_is_not_there_is_told(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="No such file or directory"):
        write(tmp_path / "nowhere" / "ropeway.yaml", "text")
