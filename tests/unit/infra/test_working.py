"""The folder that Terraform works in."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ropeway.errors import RopewayError
from ropeway.infra.backend import backend
from ropeway.infra.roots import select
from ropeway.infra.working import Workplace, write
from tests.unit.config.examples import GOOD, platform

STACK = 'variable "region" {\n  type = string\n}\n'


@pytest.fixture
def source(tmp_path: Path) -> Path:
    """A folder of stacks and modules."""
    files = {
        "stacks/environment/main.tf": STACK,
        "stacks/environment/functions.zip": "zip",
        "stacks/environment/terraform.tfstate": "{}",
        "stacks/operations/main.tf": STACK,
        "modules/keys/main.tf": "",
        "modules/keys/README.md": "",
        "modules/keys/tests/basic.tftest.hcl": "",
        "modules/keys/.terraform/x": "",
    }
    for name, text in files.items():
        file = tmp_path / "source" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    return tmp_path / "source"


def written(source: Path, stack: str = "environment", **values: str) -> Workplace:
    return write(source.parent / "root", source, stack, {"bucket": "b"}, values)


def names(place: Workplace) -> set[str]:
    code = place.folder / "code"
    return {str(file.relative_to(code)) for file in code.rglob("*") if file.is_file()}


def test_the_stack_and_its_modules_are_there_and_nothing_else(source: Path) -> None:
    place = written(source, region="eu-west-1")
    assert names(place) == {
        "stacks/environment/main.tf",
        "stacks/environment/functions.zip",
        "stacks/environment/ropeway_override.tf.json",
        "stacks/environment/ropeway.auto.tfvars.json",
        "modules/keys/main.tf",
    }
    told = json.loads((place.code / "ropeway_override.tf.json").read_text())
    assert told == {"terraform": {"backend": {"s3": {"bucket": "b"}}}}


def test_values_are_those_that_the_stack_declares(source: Path) -> None:
    place = written(source, region="eu-west-1", account="111111111111")
    assert json.loads((place.code / "ropeway.auto.tfvars.json").read_text()) == {"region": "eu-west-1"}


def test_writing_again_mends_what_a_hand_changed_and_keeps_terraforms_own(source: Path) -> None:
    first = written(source, region="eu-west-1")
    (first.code / ".terraform.lock.hcl").write_text("lock")
    (first.code / ".terraform").mkdir()
    (first.code / ".terraform" / "terraform.tfstate").write_text("{}")
    (first.code / "main.tf").write_text("changed")
    (first.code / "extra.tf").write_text("")
    again = written(source, region="eu-west-1")
    assert (first.code / "main.tf").read_text() == STACK
    assert not (first.code / "extra.tf").exists()
    assert (first.code / ".terraform" / "terraform.tfstate").exists()
    assert again == first
    assert again.lock_digest


def test_digests_follow_code_and_values(source: Path) -> None:
    first = written(source, region="eu-west-1")
    assert written(source, region="us-east-1").values_digest != first.values_digest
    (source / "modules" / "keys" / "main.tf").write_text("# new")
    assert written(source, region="eu-west-1").stack_digest != first.stack_digest
    (source / "stacks" / "operations" / "main.tf").write_text("# new")
    assert written(source, region="eu-west-1").values_digest == first.values_digest


def test_a_stack_that_is_not_there_is_told(source: Path) -> None:
    with pytest.raises(RopewayError, match="no stack 'studio'"):
        written(source, "studio")


def test_the_state_is_where_bootstrap_made_its_place() -> None:
    root = select(platform(), "retail", "dev")[0]
    assert backend(root) == {
        "bucket": "acme-retail-dev-tfstate-111111111111",
        "key": "platform/terraform.tfstate",
        "region": "eu-west-1",
        "encrypt": True,
        "kms_key_id": "arn:aws:kms:eu-west-1:111111111111:alias/acme-retail-dev-state",
        "use_lockfile": True,
    }
    assert backend(root, sandbox=True)["use_path_style"] is True
    table = select(platform(GOOD + "terraform: {lock_table: true}\n"), "retail", "dev")[0]
    assert backend(table)["dynamodb_table"] == "acme-retail-dev-tflock"


def test_templates_lie_beside_the_stacks_and_a_plan_knows_them(source: Path) -> None:
    def put(content: bytes) -> Workplace:
        files = {"products/training/v1.yaml": content}
        return write(source.parent / "root", source, "environment", {"bucket": "b"}, {}, files)

    before = put(b"Resources: {}")
    assert (before.code / "../../products/training/v1.yaml").read_bytes() == b"Resources: {}"
    assert put(b"Resources: {}").stack_digest == before.stack_digest
    assert put(b"Resources: {A: {}}").stack_digest != before.stack_digest
    assert "products/training/v1.yaml" not in names(written(source))
