from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import yaml

from ropeway.errors import UsageError
from ropeway.usecases.client import client_environment

SESSION = {"AWS_ENDPOINT_URL": "http://127.0.0.1:1", "AWS_REGION": "eu-west-1"}


def variables(folder: Path, **inherited: str) -> dict[str, str]:
    inherited = {"XDG_CONFIG_DIRS": str(folder / "none"), **inherited}
    return client_environment(SESSION, "http://127.0.0.1:1", inherited, folder / "sdk")


def settings(found: dict[str, str]) -> Any:
    content = yaml.safe_load(Path(found["SAGEMAKER_ADMIN_CONFIG_OVERRIDE"]).read_text(encoding="utf-8"))
    return content["SageMaker"]["PythonSDK"]["Modules"]


def test_the_session_and_the_address_are_told(tmp_path: Path) -> None:
    found = variables(tmp_path, NO_PROXY="example.org")
    assert found["AWS_REGION"] == "eu-west-1"
    assert found["ROPEWAY_SANDBOX_URL"] == "http://127.0.0.1:1"
    assert found["NO_PROXY"] == "example.org,127.0.0.1,localhost"


def test_telemetry_is_off_and_step_functions_have_an_image(tmp_path: Path) -> None:
    assert settings(variables(tmp_path)) == {
        "RemoteFunction": {"ImageUri": "ropeway.local/python"},
        "TelemetryOptOut": True,
    }


def test_the_users_path_stays_behind_ours_and_ours_is_there_once(tmp_path: Path) -> None:
    first = variables(tmp_path, PYTHONPATH="/own")
    again = variables(tmp_path, PYTHONPATH=first["PYTHONPATH"])
    assert first["PYTHONPATH"] == again["PYTHONPATH"]
    code, own = first["PYTHONPATH"].split(os.pathsep)
    assert own == "/own"
    assert (Path(code) / "sitecustomize.py").is_file()


@pytest.mark.parametrize("named", ["file", "folder", "machine"])
def test_an_administrators_settings_win_but_for_telemetry(tmp_path: Path, named: str) -> None:
    folder = tmp_path / "etc" / "sagemaker"
    folder.mkdir(parents=True)
    modules = {
        "RemoteFunction": {"ImageUri": "own", "InstanceType": "ml.m5.large"},
        "TelemetryOptOut": False,
        "Session": {"DefaultS3Bucket": "team"},
    }
    text = yaml.safe_dump({"SchemaVersion": "1.0", "SageMaker": {"PythonSDK": {"Modules": modules}}})
    (folder / "config.yaml").write_text(text, encoding="utf-8")
    inherited = {
        "file": {"SAGEMAKER_ADMIN_CONFIG_OVERRIDE": str(folder / "config.yaml")},
        "folder": {"SAGEMAKER_ADMIN_CONFIG_OVERRIDE": str(folder)},
        "machine": {"XDG_CONFIG_DIRS": str(tmp_path / "etc")},
    }[named]
    found = settings(variables(tmp_path, **inherited))
    assert found == {**modules, "TelemetryOptOut": True}
    assert (folder / "config.yaml").read_text(encoding="utf-8") == text


def test_settings_of_an_earlier_call_are_not_an_administrators(tmp_path: Path) -> None:
    earlier = variables(tmp_path)
    interpreters = str(tmp_path / "sdk" / "config-1234.yaml")
    found = variables(tmp_path, **{**earlier, "SAGEMAKER_ADMIN_CONFIG_OVERRIDE": interpreters})
    assert found["SAGEMAKER_ADMIN_CONFIG_OVERRIDE"] == earlier["SAGEMAKER_ADMIN_CONFIG_OVERRIDE"]


def test_settings_in_s3_are_refused_with_a_way_out(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"s3://team/config\.yaml") as caught:
        variables(tmp_path, SAGEMAKER_ADMIN_CONFIG_OVERRIDE="s3://team/config.yaml")
    assert caught.value.hint


def test_broken_settings_are_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("a: [", encoding="utf-8")
    with pytest.raises(UsageError, match=r"broken\.yaml"):
        variables(tmp_path, SAGEMAKER_ADMIN_CONFIG_OVERRIDE=str(broken))
