"""Notebooks as steps: parameters in, the executed notebook out."""

from __future__ import annotations

import json
import tarfile
from io import BytesIO
from pathlib import Path
from typing import Any

from sagemaker.s3 import S3Downloader
from sagemaker.workflow.notebook_job_step import NotebookJobStep


def step(name: str, code: Path, role: str, session: Any, **parameters: Any) -> Any:
    return NotebookJobStep(
        name=name,
        notebook_job_name=f"job-{name.lower()}",
        input_notebook=str(code / "notebook.ipynb"),
        image_uri=f"885854791233.dkr.ecr.{session.boto_region_name}.amazonaws.com/sagemaker-distribution-prod:3-cpu",
        kernel_name="python3",
        role=role,
        parameters=parameters,
        environment_variables={"OWN": "mine"},
        instance_type="ml.m5.large",
        s3_root_uri=f"s3://{session.default_bucket()}/notebooks",
    )


def test_a_notebook_runs_with_parameters(run: Any, session: Any, role: str, code: Path) -> None:
    ran = run("notebook", [step("Notebook", code, role, session, factor=3, word="ha")])
    assert ran.statuses == {"Notebook": "Succeeded"}, ran.reasons
    job = ran.job(session, "Notebook")
    place = f"{job['OutputDataConfig']['S3OutputPath']}/{job['TrainingJobName']}/output/output.tar.gz"
    archive = S3Downloader.read_bytes(place, sagemaker_session=session)
    with tarfile.open(fileobj=BytesIO(archive)) as tar:
        name = next(entry for entry in tar.getnames() if entry.endswith(".ipynb"))
        member = tar.extractfile(name)
        assert member is not None
        executed = json.load(member)
    printed = [output["text"] for cell in executed["cells"] for output in cell["outputs"]]
    assert "".join("".join(text) for text in printed) == "hahaha mine\n"


def test_a_cell_that_raises_fails_the_step(run: Any, session: Any, role: str, code: Path) -> None:
    ran = run("notebook-fails", [step("Unlucky", code, role, session, factor=13)])
    assert ran.status == "Failed"
    assert "AssertionError: unlucky" in ran.reasons["Unlucky"]
