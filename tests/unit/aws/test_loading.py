"""The loader of botocore's data: what botocore's own finds, without its search."""

from __future__ import annotations

from pathlib import Path

import pytest
from botocore.exceptions import UnknownServiceError
from botocore.loaders import Loader

from ropeway.aws.loading import ServiceLoader


class Unsearched(ServiceLoader):
    """Fails when it looks through all services."""

    def list_available_services(self, type_name: str) -> list[str]:
        raise AssertionError(type_name)


@pytest.mark.parametrize(
    ("service", "kind"), [("sts", "service-2"), ("s3", "endpoint-rule-set-1"), ("sagemaker", "paginators-1")]
)
def test_it_finds_what_botocore_finds(service: str, kind: str) -> None:
    found = Unsearched().load_service_model(service, kind)
    assert found == Loader().load_service_model(service, kind)


def test_it_adds_what_botocore_adds() -> None:
    """Presigned calls of RDS are said in its extras."""
    loader = Unsearched()
    assert loader.load_service_model("rds", "service-2") == Loader().load_service_model("rds", "service-2")
    assert loader.load_service_model("rds", "service-2") is loader.load_service_model("rds", "service-2")


def test_an_unknown_service_is_told_with_those_that_are_known() -> None:
    with pytest.raises(UnknownServiceError, match="sagemaker-runtime"):
        ServiceLoader().load_service_model("nonesuch", "service-2")


def test_data_of_ones_own_are_found(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "own" / "2026-01-01"
    folder.mkdir(parents=True)
    (folder / "service-2.json").write_text('{"metadata": {"serviceId": "own"}}', encoding="utf-8")
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))
    assert Unsearched().load_service_model("own", "service-2") == {"metadata": {"serviceId": "own"}}
