"""Models and the containers that they resolve to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from ropeway.sandbox.domain.caller import Caller
from ropeway.sandbox.domain.errors import Invalid
from ropeway.sandbox.domain.jobs.model import Container
from ropeway.sandbox.domain.models.service import Models
from ropeway.sandbox.domain.tags.service import Tags
from tests.fakes.clock import FakeClock
from tests.fakes.models import MemoryModels
from tests.fakes.tags import MemoryTags, NoPeers
from tests.fakes.transactions import FakeTransactions

HOME = ("111111111111", "eu-west-1")


class Packages:
    """Implements ``PackageContainers``: one package, which can be taken away."""

    def __init__(self) -> None:
        self.containers: dict[str, Sequence[Mapping[str, Any]]] = {
            "package": [{"Image": "packaged:1", "Environment": {"A": "package", "B": "package"}}]
        }
        self.callers: list[Caller | None] = []

    def deployable(
        self,
        name_or_arn: str,
        account: str,
        region: str,
        specification: str | None = None,
        caller: Caller | None = None,
    ) -> Sequence[Mapping[str, Any]]:
        self.callers.append(caller)
        if name_or_arn not in self.containers:
            raise Invalid(f"ModelPackage {name_or_arn} does not exist.")
        return self.containers[name_or_arn]


@pytest.fixture
def packages() -> Packages:
    return Packages()


@pytest.fixture
def models(packages: Packages) -> Models:
    tags = Tags(MemoryTags(), NoPeers())
    return Models(MemoryModels(), FakeTransactions(), FakeClock(), tags, packages)


def test_a_container_of_its_own_is_taken_as_it_is(models: Models) -> None:
    container = {"Image": "image:1", "ModelDataUrl": "s3://b/m.tar.gz", "Environment": {"A": "1"}}
    models.create(*HOME, {"ModelName": "m", "PrimaryContainer": container})
    assert models.containers(*HOME, "m") == (Container("image:1", "s3://b/m.tar.gz", {"A": "1"}),)


def test_a_data_source_is_an_address_too(models: Models) -> None:
    source = {"S3DataSource": {"S3Uri": "s3://b/m/", "S3DataType": "S3Prefix", "CompressionType": "None"}}
    models.create(
        *HOME, {"ModelName": "m", "PrimaryContainer": {"Image": "image:1", "ModelDataSource": source}}
    )
    assert models.containers(*HOME, "m") == (Container("image:1", "s3://b/m/"),)


def test_containers_keep_their_order_and_packages_are_resolved(models: Models) -> None:
    containers = [
        {"Image": "first:1"},
        {"ModelPackageName": "package", "Environment": {"A": "model"}},
        {"Image": "last:1"},
    ]
    models.create(*HOME, {"ModelName": "m", "Containers": containers})
    assert models.containers(*HOME, "m") == (
        Container("first:1", None),
        Container("packaged:1", None, {"A": "model", "B": "package"}),
        Container("last:1", None),
    )


def test_a_package_is_resolved_when_the_model_is_used(models: Models, packages: Packages) -> None:
    models.create(*HOME, {"ModelName": "m", "PrimaryContainer": {"ModelPackageName": "package"}})
    del packages.containers["package"]
    assert models.describe(*HOME, "m")["PrimaryContainer"]["ModelPackageName"] == "package"
    with pytest.raises(Invalid, match="does not exist"):
        models.containers(*HOME, "m")


def test_the_creator_s_permission_is_asked_and_the_job_s_is_not(models: Models, packages: Packages) -> None:
    caller = Caller("111111111111", "arn:aws:iam::111111111111:root", "111111111111", "key")
    models.create(
        *HOME, {"ModelName": "m", "PrimaryContainer": {"ModelPackageName": "package"}}, caller=caller
    )
    models.containers(*HOME, "m")
    assert packages.callers == [caller, None]


def test_a_model_that_was_refused_is_not_there(models: Models) -> None:
    with pytest.raises(Invalid):
        models.create(*HOME, {"ModelName": "m", "PrimaryContainer": {"ModelPackageName": "none"}})
    with pytest.raises(
        Invalid, match='Could not find model "arn:aws:sagemaker:eu-west-1:111111111111:model/m"'
    ):
        models.describe(*HOME, "m")
