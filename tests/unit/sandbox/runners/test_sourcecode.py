"""What a training job's code asks of its interpreter."""

from __future__ import annotations

from typing import Any

import pytest

from ropeway.sandbox.runners.runtimes import Runtime
from ropeway.sandbox.runners.sourcecode import step_function_requirements

DRIVER = "/opt/ml/input/data/sagemaker_remote_function_bootstrap/job_driver.sh"
ARGUMENTS = [
    "--client_python_version",
    "3.11",
    "--client_sagemaker_pysdk_version",
    "2.257.7",
    "--region",
    "eu",
]


def request(entrypoint: list[str] | None, arguments: list[str]) -> dict[str, Any]:
    algorithm: dict[str, Any] = {"ContainerArguments": arguments}
    return {
        "AlgorithmSpecification": {**algorithm, **({"ContainerEntrypoint": entrypoint} if entrypoint else {})}
    }


@pytest.mark.parametrize(
    ("runtime", "entrypoint", "arguments", "expected"),
    [
        ("python", ["/bin/bash", DRIVER], ARGUMENTS, ["sagemaker==2.257.7"]),
        ("interpreter", ["/bin/bash", DRIVER], ARGUMENTS, []),
        ("python", ["/bin/bash", DRIVER], ["--region", "eu"], []),
        ("python", ["/bin/bash", "own.sh"], ARGUMENTS, []),
        ("python", None, ARGUMENTS, []),
    ],
)
def test_step_functions_need_the_sdk_that_wrote_them(
    runtime: str, entrypoint: list[str] | None, arguments: list[str], expected: list[str]
) -> None:
    found = step_function_requirements(request(entrypoint, arguments), Runtime(runtime, "", "python"))
    assert list(found) == expected
