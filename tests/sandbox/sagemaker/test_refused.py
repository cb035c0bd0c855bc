"""What moto would only pretend to do is refused, and what only describes is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from ropeway.sandbox.edge.refused import REFUSED
from ropeway.sandbox.operations import registry, service_models

Client = Callable[..., Any]


@pytest.mark.parametrize(("service", "operation"), sorted(REFUSED))
def test_a_refused_operation_exists_and_is_nobody_s(service: str, operation: str) -> None:
    assert operation in service_models.service_model(service).operation_names
    assert registry.lookup(service, operation) is None, "Ropeway owns it now: take the line out of REFUSED"


def test_a_notebook_is_refused_with_the_reason(client: Client) -> None:
    sagemaker = client("sagemaker")
    with pytest.raises(ClientError) as caught:
        sagemaker.create_notebook_instance(
            NotebookInstanceName="n",
            InstanceType="ml.t3.medium",
            RoleArn="arn:aws:iam::111111111111:role/notebook",
        )
    error = caught.value.response["Error"]
    assert error["Code"] == "NotImplementedException"
    assert "sagemaker CreateNotebookInstance: the sandbox runs no notebook instances" in error["Message"]
    assert sagemaker.list_notebook_instances()["NotebookInstances"] == []
