"""Which Terraform runs and where its providers come from."""

from __future__ import annotations

from pathlib import Path

import pytest

from ropeway.errors import RopewayError
from ropeway.infra.terraform import acting, environment, find_binary, find_mirror


def program(folder: Path, name: str) -> str:
    folder.mkdir(exist_ok=True)
    file = folder / name
    file.write_text("#!/bin/sh\n")
    file.chmod(0o755)
    return str(file)


def mirror(folder: Path) -> Path:
    (folder / "registry.terraform.io").mkdir(parents=True)
    return folder


def test_terraform_comes_before_opentofu(tmp_path: Path) -> None:
    tofu = program(tmp_path, "tofu")
    assert find_binary({"PATH": str(tmp_path)}) == tofu
    terraform = program(tmp_path, "terraform")
    assert find_binary({"PATH": str(tmp_path)}) == terraform
    assert find_binary({"PATH": str(tmp_path), "ROPEWAY_TERRAFORM": tofu}) == tofu


@pytest.mark.parametrize("extra", [{}, {"ROPEWAY_TERRAFORM": "nobody"}])
def test_no_terraform_is_told_with_what_to_do(tmp_path: Path, extra: dict[str, str]) -> None:
    with pytest.raises(RopewayError) as caught:
        find_binary({"PATH": str(tmp_path), **extra})
    assert "install Terraform" in (caught.value.hint or "")


def test_a_mirror_is_found_by_what_it_holds(tmp_path: Path) -> None:
    assert find_mirror({}, roots=[tmp_path]) is None
    found = mirror(tmp_path / "b")
    assert find_mirror({}, roots=[tmp_path / "a", found]) == found
    named = mirror(tmp_path / "c")
    assert find_mirror({"ROPEWAY_TERRAFORM_MIRROR": str(named)}, roots=[found]) == named


def test_a_named_mirror_that_is_none_is_told(tmp_path: Path) -> None:
    with pytest.raises(RopewayError, match=r"holds no registry\.terraform\.io"):
        find_mirror({"ROPEWAY_TERRAFORM_MIRROR": str(tmp_path)})


def test_the_configuration_names_the_mirror(tmp_path: Path) -> None:
    found = mirror(tmp_path / "mirror")
    told = environment(
        {"ROPEWAY_TERRAFORM_MIRROR": str(found), "TF_CLI_CONFIG_FILE": "/missing"}, tmp_path / "x"
    )
    assert f'path    = "{found}"' in Path(told["TF_CLI_CONFIG_FILE"]).read_text()


def test_a_configuration_of_the_users_counts(tmp_path: Path) -> None:
    own = tmp_path / "own.rc"
    own.write_text("")
    assert environment({"TF_CLI_CONFIG_FILE": str(own)}, tmp_path / "x")["TF_CLI_CONFIG_FILE"] == str(own)


CALLERS = {
    "PATH": "/bin",
    "AWS_PROFILE": "mine",
    "AWS_ACCESS_KEY_ID": "mine",
    "AWS_CA_BUNDLE": "/ca.pem",
    "AWS_ENDPOINT_URL": "https://proxy",
    "TF_VAR_names": "{}",
    "TF_CLI_ARGS_apply": "-target=x",
    "TF_WORKSPACE": "other",
    "TF_LOG": "debug",
}


def test_nothing_of_the_callers_changes_what_terraform_does() -> None:
    told = acting(CALLERS, {"AWS_ACCESS_KEY_ID": "role"}, sandbox=False)
    assert told == {
        "PATH": "/bin",
        "AWS_CA_BUNDLE": "/ca.pem",
        "AWS_ENDPOINT_URL": "https://proxy",
        "AWS_ACCESS_KEY_ID": "role",
        "TF_LOG": "debug",
    }


def test_on_the_sandbox_nothing_of_aws_is_asked() -> None:
    told = acting(CALLERS, {"AWS_ENDPOINT_URL": "http://127.0.0.1:1"}, sandbox=True)
    assert told["AWS_ENDPOINT_URL"] == "http://127.0.0.1:1"
    assert told["AWS_EC2_METADATA_DISABLED"] == "true"
    assert told["AWS_CONFIG_FILE"] == "/dev/null"
    assert "AWS_CA_BUNDLE" not in told
