"""Steps of a rollout, the choice of a variant, invocations and captured lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from ropeway.sandbox.domain.endpoints import capture, rollout
from ropeway.sandbox.domain.endpoints.invocations import Invocation, Invocations
from ropeway.sandbox.domain.endpoints.model import Answer, Ask, Deployment, Endpoint, Variant
from ropeway.sandbox.domain.endpoints.routing import choose
from ropeway.sandbox.domain.errors import DomainError
from ropeway.values.ids import RandomIds
from tests.fakes.clock import FakeClock
from tests.fakes.endpoints import FakeServings, MemoryEndpoints

PERCENT = {"Type": "CAPACITY_PERCENT", "Value": 30}
CAPTURE = {
    "EnableCapture": True,
    "InitialSamplingPercentage": 50,
    "DestinationS3Uri": "s3://bucket/captured",
    "CaptureOptions": [{"CaptureMode": "Input"}],
}


def deployment(unique: str, weights: Mapping[str, float], **more: Any) -> Deployment:
    variants = tuple(Variant(name, name, (), weight) for name, weight in weights.items())
    return Deployment(unique, "config", 0.0, variants, **more)


def endpoint(serving: Deployment | None, **more: Any) -> Endpoint:
    status = more.pop("status", "InService")
    return Endpoint("111111111111", "eu-west-1", "scores", status, 0.0, 0.0, serving=serving, **more)


@pytest.mark.parametrize(
    ("routing", "expected"),
    [
        ({"Type": "ALL_AT_ONCE", "WaitIntervalInSeconds": 5}, [(1.0, 5.0)]),
        ({"Type": "CANARY", "CanarySize": PERCENT, "WaitIntervalInSeconds": 5}, [(0.3, 5.0), (1.0, 5.0)]),
        (
            {"Type": "LINEAR", "LinearStepSize": {**PERCENT, "Value": 50}, "WaitIntervalInSeconds": 5},
            [(0.5, 5.0), (1.0, 5.0)],
        ),
        (
            {
                "Type": "LINEAR",
                "LinearStepSize": {"Type": "INSTANCE_COUNT", "Value": 1},
                "WaitIntervalInSeconds": 0,
            },
            [(0.25, 0.0), (0.5, 0.0), (0.75, 0.0), (1.0, 0.0)],
        ),
    ],
)
def test_steps_rise_to_everything(routing: Mapping[str, Any], expected: list[tuple[float, float]]) -> None:
    policy = {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing}}
    assert rollout.steps(policy, 4) == expected
    assert rollout.steps({}, 4) == []
    assert rollout.steps({"RollingUpdatePolicy": {"WaitIntervalInSeconds": 7}}, 4) == [(1.0, 7.0)]


@pytest.mark.parametrize(("point", "expected"), [(0.0, "a"), (0.24, "a"), (0.26, "b"), (0.99, "b")])
def test_a_variant_is_chosen_by_weight(point: float, expected: str) -> None:
    chosen = choose(endpoint(deployment("d", {"a": 1, "off": 0, "b": 3})), None, lambda: point)
    assert chosen is not None
    assert chosen[1].name == expected


def test_a_shifted_share_goes_to_the_new_deployment() -> None:
    shifting = endpoint(deployment("old", {"a": 1}), pending=deployment("new", {"a": 1}), share=0.2)
    answered = [choose(shifting, None, lambda point=point: point) for point in (0.1, 0.3)]  # type: ignore[misc]
    assert [chosen[0].id for chosen in answered if chosen] == ["new", "old"]
    assert choose(endpoint(deployment("d", {"a": 0})), None, lambda: 0.5) is None
    assert choose(endpoint(deployment("d", {"a": 1})), "b", lambda: 0.5) is None
    assert choose(endpoint(None), None, lambda: 0.5) is None


class Sink:
    """Implements ``domain.endpoints.ports.CaptureSink``."""

    def __init__(self) -> None:
        self.records: list[Mapping[str, Any]] = []

    def put(self, endpoint: Endpoint, variant: str, destination: str, record: Mapping[str, Any]) -> None:
        self.records.append(record)


class Bench:
    """Invocations over fakes."""

    def __init__(self, chance: float = 0.4) -> None:
        self.store, self.servings, self.sink = MemoryEndpoints(), FakeServings(), Sink()
        self.chance = chance
        self.invocations = Invocations(
            self.store, self.servings, self.sink, FakeClock(), RandomIds(), lambda: self.chance
        )

    def ask(self) -> Answer:
        asked = Invocation("111111111111", "eu-west-1", "scores", Ask(b"1,2", "text/csv"), inference_id="i-1")
        return self.invocations.invoke(asked).answer


def test_one_that_does_not_serve_yet_is_not_found() -> None:
    bench = Bench()
    bench.store.put(endpoint(None, status="Creating", pending=deployment("d", {"a": 1})))
    with pytest.raises(DomainError, match="Endpoint scores of account 111111111111 not found") as caught:
        bench.ask()
    assert (caught.value.code, caught.value.status) == ("ValidationError", 400)


def test_a_deployment_that_ends_meanwhile_is_chosen_no_more() -> None:
    bench = Bench()
    old, new = deployment("old", {"a": 1}), deployment("new", {"a": 1})
    bench.store.put(endpoint(old))

    class Moving(FakeServings):
        def invoke(self, arn: str, deployment: str, variant: str, ask: Ask) -> Answer | None:
            bench.store.put(endpoint(new))
            return super().invoke(arn, deployment, variant, ask)

    servings = Moving()
    servings.missing = {"old"}
    bench.invocations = Invocations(bench.store, servings, bench.sink, FakeClock(), RandomIds(), lambda: 0.5)
    assert bench.ask().body == b"yes"
    assert servings.asked == [("old", "a"), ("new", "a")]


@pytest.mark.parametrize(("status", "side"), [(400, "client"), (503, "server"), (0, "server")])
def test_a_containers_error_is_a_model_error(status: int, side: str) -> None:
    bench = Bench()
    bench.store.put(endpoint(deployment("d", {"a": 1}, capture=CAPTURE)))
    bench.servings.answer = Answer(status, b"bad row")
    with pytest.raises(DomainError, match=f"Received {side} error \\({status}\\) from primary") as caught:
        bench.ask()
    assert caught.value.fields["OriginalStatusCode"] == status
    assert bench.sink.records == []


def test_what_is_sampled_is_captured() -> None:
    bench = Bench(chance=0.4)
    bench.store.put(endpoint(deployment("d", {"a": 1}, capture=CAPTURE)))
    bench.ask()
    bench.chance = 0.6
    bench.ask()
    bench.store.put(endpoint(deployment("d", {"a": 1}, capture={**CAPTURE, "EnableCapture": False})))
    bench.chance = 0.0
    bench.ask()
    (record,) = bench.sink.records
    assert record["captureData"] == {
        "endpointInput": {
            "observedContentType": "text/csv",
            "mode": "INPUT",
            "data": "1,2",
            "encoding": "CSV",
        }
    }
    assert record["eventMetadata"]["inferenceId"] == "i-1"
    assert record["eventMetadata"]["inferenceTime"] == "1970-01-01T00:16:40Z"


def test_a_file_lies_by_variant_and_hour() -> None:
    key = capture.key("captured/", "scores", "a", 1_764_000_123.5, "u")
    assert key == "captured/scores/a/2025/11/24/16/02-03-500-u.jsonl"


def test_an_answer_of_another_type_is_base64() -> None:
    config = {**CAPTURE, "CaptureOptions": [{"CaptureMode": "InputAndOutput"}]}
    config["CaptureContentTypeHeader"] = {"JsonContentTypes": ["application/jsonlines"]}
    event = capture.Event("e", 0.0)
    ask = Ask(b"{}", "application/jsonlines; charset=utf-8")
    line = capture.line(config, ask, replace(Answer(200, b"\x00"), content_type="image/png"), event)
    assert line["captureData"]["endpointInput"]["encoding"] == "JSON"
    assert line["captureData"]["endpointOutput"] == {
        "observedContentType": "image/png",
        "mode": "OUTPUT",
        "data": "AA==",
        "encoding": "BASE64",
    }
