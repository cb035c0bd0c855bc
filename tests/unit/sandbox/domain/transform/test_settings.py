"""Who decides on requests, and what containers are told."""

from __future__ import annotations

from typing import Any

import pytest

from ropeway.sandbox.domain.transform.records import TransformError
from ropeway.sandbox.domain.transform.settings import container_environment, resolve

BARE: dict[str, Any] = {"TransformInput": {}, "TransformOutput": {}}


def test_defaults_are_those_of_aws() -> None:
    settings = resolve(BARE, {})
    assert (settings.payload, settings.concurrent, settings.strategy) == (6 << 20, 1, "MultiRecord")
    assert (settings.split, settings.assemble, settings.timeout, settings.retries) == ("None", "None", 600, 3)


def test_the_container_s_wishes_beat_defaults_and_the_request_beats_both() -> None:
    wishes = {"MaxPayloadInMB": 10, "MaxConcurrentTransforms": 3, "BatchStrategy": "SINGLE_RECORD"}
    settings = resolve(BARE, wishes)
    assert (settings.payload, settings.concurrent, settings.strategy) == (10 << 20, 3, "SingleRecord")
    own = {"MaxPayloadInMB": 0, "MaxConcurrentTransforms": 2, "BatchStrategy": "MultiRecord"}
    settings = resolve({**BARE, **own}, wishes)
    assert (settings.payload, settings.concurrent, settings.strategy) == (0, 2, "MultiRecord")


@pytest.mark.parametrize("wish", [{"MaxPayloadInMB": "six"}, {"BatchStrategy": "Some"}])
def test_a_wish_that_is_no_value_is_told(wish: dict[str, Any]) -> None:
    with pytest.raises(TransformError, match="/execution-parameters"):
        resolve(BARE, wish)


def test_containers_are_told_what_was_asked_for() -> None:
    env = container_environment({**BARE, "Environment": {"A": "1"}, "MaxConcurrentTransforms": 5})
    assert env == {
        "A": "1",
        "SAGEMAKER_BATCH": "true",
        "SAGEMAKER_MAX_PAYLOAD_IN_MB": "6",
        "SAGEMAKER_BATCH_STRATEGY": "MULTI_RECORD",
        "SAGEMAKER_MAX_CONCURRENT_TRANSFORMS": "5",
    }
