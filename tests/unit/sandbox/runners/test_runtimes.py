"""Images find their runtime; the user's file comes first and is checked."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

from ropeway.sandbox.runners.runtimefile import RuntimeFile, RuntimeFileError
from ropeway.sandbox.runners.runtimes import Runtimes, UnknownImageError, entrypoint_command, pickles_booster

REGISTRY = "141502667606.dkr.ecr.eu-west-1.amazonaws.com"


@pytest.mark.parametrize(
    ("image", "name"),
    [
        (f"{REGISTRY}/sagemaker-xgboost:1.7-1", "xgboost"),
        ("683313688378.dkr.ecr.us-east-1.amazonaws.com/sagemaker-xgboost:1.0-1-cpu-py3", "xgboost"),
        ("685385470294.dkr.ecr.eu-west-1.amazonaws.com/xgboost:1", "xgboost"),
        (f"{REGISTRY}/sagemaker-scikit-learn:1.2-1-cpu-py3", "scikit-learn"),
        ("763104351884.dkr.ecr.eu-west-1.amazonaws.com/pytorch-training:2.3-cpu-py311", "PyTorch"),
        ("763104351884.dkr.ecr.eu-west-1.amazonaws.com/pytorch-inference:2.3-cpu-py311", "PyTorch"),
        (f"{REGISTRY}/huggingface-pytorch-training:2.0.0-transformers4.28.1-gpu-py310", "Hugging Face"),
        (f"{REGISTRY}/tensorflow-training:2.14-cpu-py310", "TensorFlow"),
        ("885854791233.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-distribution-prod:3-cpu", "python"),
        ("236514542706.dkr.ecr.eu-west-1.amazonaws.com/sagemaker-base-python:3.10", "python"),
        ("python:3.11", "python"),
        ("public.ecr.aws/docker/library/python:3.12-slim", "python"),
        ("python@sha256:0123", "python"),
    ],
)
def test_known_images_find_their_runtime(image: str, name: str) -> None:
    assert Runtimes().match(image).name == name


@pytest.mark.parametrize("image", ["example.com/own:1", "my-python:3", "example.com/not-xgboost:1.7-1", ""])
def test_unknown_images_are_refused_by_name(image: str) -> None:
    with pytest.raises(UnknownImageError, match=r"runtimes\.toml"):
        Runtimes().match(image)


def test_notebook_jobs_have_a_program_and_what_it_needs() -> None:
    command, packages = entrypoint_command(["amazon_sagemaker_scheduler"])
    assert list(command) == ["python", "-m", "ropeway.containers.notebook"]
    assert {package.partition(">")[0] for package in packages} == {"nbclient", "ipykernel"}
    assert entrypoint_command(["own"]) == (["own"], ())


def test_an_interpreter_of_this_machine_is_its_own_runtime() -> None:
    runtime = Runtimes().match(f"ropeway.local/interpreter{sys.executable}")
    assert runtime.interpreter == Path(sys.executable)
    assert runtime.kind == "python"


def test_an_interpreter_that_is_not_there_is_refused() -> None:
    with pytest.raises(UnknownImageError, match="no/such/python"):
        Runtimes().match("ropeway.local/interpreter/no/such/python")


@pytest.mark.parametrize(
    ("tag", "pickles"),
    [
        ("1", True),
        ("0.90-2-cpu-py3", True),
        ("1.0-1-cpu-py3", True),
        ("1.2-2", True),
        ("1.3-1", False),
        ("1.7-1", False),
    ],
)
def test_images_before_1_3_pickle_the_booster(tag: str, pickles: bool) -> None:
    assert pickles_booster(f"{REGISTRY}/sagemaker-xgboost:{tag}") is pickles


def test_algorithm_and_script_mode_have_commands_of_their_own() -> None:
    xgboost = Runtimes().match("xgboost:1")
    assert xgboost.train_command(script_mode=False)[-1].endswith("xgboost_algorithm")
    assert xgboost.train_command(script_mode=True)[-1].endswith("script_mode")
    assert Runtimes().match("python:3").train_command(script_mode=False) == ()


def write(folder: Path, text: str) -> Path:
    path = folder / "runtimes.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_the_user_s_entries_come_first_and_changes_are_seen(tmp_path: Path) -> None:
    table = RuntimeFile(tmp_path / "runtimes.toml")
    assert table.match("python:3").name == "python"
    path = write(tmp_path, '[[runtime]]\nname = "mine"\nimage = "python:*"\nkind = "script"\ntrain = ["x"]\n')
    assert table.match("python:3").train_command(script_mode=True) == ("x",)
    path.write_text('[[runtime]]\nname = "other"\nimage = "/python:[0-9]/"\n', encoding="utf-8")
    os.utime(path, ns=(1, 1))
    assert table.match("python:3").name == "other"
    assert table.match("python:x").name == "python"
    path.unlink()
    assert table.match("python:3").name == "python"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[[runtime]\n", "runtimes.toml: "),
        ("[runtimes]\n", "expected [[runtime]] tables, found runtimes"),
        ('[[runtime]]\nimage = "x"\n', "runtime[0].name: is required"),
        ('[[runtime]]\nname = "a"\n', "runtime[0].image: is required"),
        ('[[runtime]]\nname = "a"\nimage = 3\n', "runtime[0].image: must be a text"),
        ('[[runtime]]\nname = "a"\nimage = "/(/"\n', "runtime[0].image: "),
        ('[[runtime]]\nname = "a"\nimage = "x"\nkind = "torch"\n', "runtime[0].kind: must be one of xgboost"),
        (
            '[[runtime]]\nname = "a"\nimage = "x"\ntrain = "run"\n',
            "runtime[0].train: must be a list of texts",
        ),
        ('[[runtime]]\nname = "a"\nimage = "x"\nenv = {A = 1}\n', "runtime[0].env: must be a table of texts"),
        ('[[runtime]]\nname = "a"\nimage = "x"\nimge = "y"\n', "runtime[0].imge: is not a key of a runtime"),
        (
            '[[runtime]]\nname = "a"\nimage = "x"\npython = "/no/python"\n',
            "runtime[0].python: there is no file",
        ),
    ],
)
def test_a_mistake_names_the_file_and_the_key(tmp_path: Path, text: str, words: str) -> None:
    with pytest.raises(RuntimeFileError) as caught:
        RuntimeFile(write(tmp_path, text)).match("python:3")
    assert words in str(caught.value)
    assert "runtimes.toml" in str(caught.value)
