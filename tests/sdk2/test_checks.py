"""Check steps are taken; a check without a baseline to compare with fails with that reason."""

from __future__ import annotations

from typing import Any

import pytest
from sagemaker.clarify import BiasConfig, DataConfig
from sagemaker.model_monitor import DatasetFormat
from sagemaker.s3 import S3Uploader
from sagemaker.workflow.check_job_config import CheckJobConfig
from sagemaker.workflow.clarify_check_step import ClarifyCheckStep, DataBiasCheckConfig
from sagemaker.workflow.quality_check_step import DataQualityCheckConfig, QualityCheckStep


@pytest.fixture
def settings(pipelines: Any, role: str) -> Any:
    return CheckJobConfig(role=role, instance_type="ml.m5.large", sagemaker_session=pipelines)


@pytest.fixture(scope="module")
def data(session: Any) -> str:
    place = f"s3://{session.default_bucket()}/checked/rows.csv"
    S3Uploader.upload_string_as_file_body("label,group\n1,0\n0,1\n", place, sagemaker_session=session)
    return place


def test_a_quality_check(run: Any, session: Any, settings: Any, data: str) -> None:
    config = DataQualityCheckConfig(
        baseline_dataset=data,
        dataset_format=DatasetFormat.csv(header=True),
        output_s3_uri=f"s3://{session.default_bucket()}/quality",
    )
    step = QualityCheckStep(
        "Quality",
        quality_check_config=config,
        check_job_config=settings,
        skip_check=False,
        model_package_group_name="checked",
    )
    ran = run("quality-check", [step])
    assert ran.steps["Quality"]["Metadata"]["QualityCheck"]["CheckType"] == "DATA_QUALITY"
    assert ran.status == "Failed"
    assert ran.reasons["Quality"]


def test_a_clarify_check(run: Any, session: Any, settings: Any, data: str) -> None:
    config = DataBiasCheckConfig(
        data_config=DataConfig(
            s3_data_input_path=data,
            s3_output_path=f"s3://{session.default_bucket()}/bias",
            label="label",
            headers=["label", "group"],
            dataset_type="text/csv",
        ),
        data_bias_config=BiasConfig(
            label_values_or_threshold=[1], facet_name="group", facet_values_or_threshold=[0]
        ),
    )
    step = ClarifyCheckStep(
        "Bias",
        clarify_check_config=config,
        check_job_config=settings,
        skip_check=False,
        model_package_group_name="checked",
    )
    ran = run("clarify-check", [step])
    assert ran.steps["Bias"]["Metadata"]["ClarifyCheck"]["CheckType"] == "DATA_BIAS"
    assert ran.status == "Failed"
    assert ran.reasons["Bias"]
