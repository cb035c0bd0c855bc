"""The life of endpoints without processes: moves, shifts of traffic, what a crash leaves."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from ropeway.sandbox.domain.endpoints import lifecycle
from ropeway.sandbox.domain.endpoints.configs import Configs
from ropeway.sandbox.domain.endpoints.deployments import Deployments, World
from ropeway.sandbox.domain.endpoints.model import Endpoint
from ropeway.sandbox.domain.endpoints.moves import Moves
from ropeway.sandbox.domain.endpoints.service import Catalog, Endpoints
from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.jobs.model import Container, StepRef
from ropeway.sandbox.domain.listing import Listing, Page
from ropeway.sandbox.domain.records.ports import Record
from ropeway.sandbox.domain.records.service import Records
from ropeway.sandbox.domain.tags.service import Tags
from tests.fakes.alarms import FakeAlarms
from tests.fakes.clock import FakeClock
from tests.fakes.endpoints import FakeServings, MemoryEndpoints
from tests.fakes.tags import MemoryTags, NoPeers
from tests.fakes.transactions import FakeTransactions

ACCOUNT, REGION = "111111111111", "eu-west-1"
ARN = f"arn:aws:sagemaker:{REGION}:{ACCOUNT}:endpoint/scores"
STATUSES = ("Creating", "InService", "Updating", "Deleting", "Failed")
EVENTS = ("ready", "failed", "update", "delete", "gone")


class Ids:
    """Ids in order."""

    def __init__(self) -> None:
        self.last = 0

    def token(self, length: int) -> str:
        self.last += 1
        return f"d{self.last}"[:length]

    def uuid(self) -> str:
        return self.token(36)


class Ringing(NoPeers):
    """CloudWatch, whose alarms ring or do not."""

    def __init__(self) -> None:
        self.ringing: list[str] = []

    def call(
        self, service: str, operation: str, params: Mapping[str, Any], *, account: str, region: str
    ) -> dict[str, Any]:
        assert (service, operation) == ("cloudwatch", "DescribeAlarms")
        states = {name: "ALARM" if name in self.ringing else "OK" for name in params["AlarmNames"]}
        return {"MetricAlarms": [{"AlarmName": name, "StateValue": state} for name, state in states.items()]}


class MemoryRecords:
    """Implements ``domain.records.ports.RecordStore`` as far as configurations need it."""

    def __init__(self) -> None:
        self.rows: dict[str, Record] = {}

    def get(self, arn: str) -> Record | None:
        return self.rows.get(arn)

    def put(self, record: Record) -> None:
        self.rows[record.arn] = record

    def delete(self, arn: str) -> None:
        self.rows.pop(arn, None)

    def list(self, kind: str, account: str, region: str, listing: Listing) -> Page[Record]:
        return Page([row for row in self.rows.values() if row.kind == kind], None)

    def count(self, kind: str, account: str, region: str, parent: str) -> int:
        return 0


class Bench:
    """Endpoints over fakes, with two configurations: ``one`` and ``two``."""

    def __init__(self) -> None:
        self.store, self.servings = MemoryEndpoints(), FakeServings()
        self.clock, self.alarms, self.peers = FakeClock(), FakeAlarms(), Ringing()
        self.tags = MemoryTags()
        world = World(self.clock, Ids(), self.alarms, self.peers)
        moves = Moves(self.store, FakeTransactions(), self.clock)
        tags = Tags(self.tags, self.peers)
        self.deployments = Deployments(moves, world, tags, lambda _reports: self.servings)
        self.heard: list[str] = []
        moves.listen(lambda endpoint: self.heard.append(endpoint.status))
        variant = {"VariantName": "v", "ModelName": "m", "InitialInstanceCount": 4}
        self.model: dict[str, Any] = {}
        records = Records(MemoryRecords(), FakeTransactions(), self.clock, Ids(), tags)
        configs = Configs(records, lambda *_names: self.model)
        for name in ("one", "two"):
            request = {"EndpointConfigName": name, "ProductionVariants": [variant]}
            configs.create(ACCOUNT, REGION, request)
        catalog = Catalog(configs, lambda *_names: (Container("image", None),), lambda *_names: self.model)
        self.endpoints = Endpoints(moves, world, tags, catalog, self.servings)

    def create(self) -> None:
        self.endpoints.create(ACCOUNT, REGION, {"EndpointName": "scores", "EndpointConfigName": "one"})

    def serve(self) -> None:
        self.create()
        self.deployments.ready(ARN, "d1")

    def update(self, **policy: Any) -> None:
        self.endpoints.update(ARN, {"EndpointConfigName": "two", "DeploymentConfig": policy})

    @property
    def now(self) -> Endpoint:
        return self.store.rows[ARN]

    def pass_seconds(self, seconds: float) -> None:
        self.clock.pass_seconds(seconds)
        self.alarms.ring(self.clock.now())


@pytest.fixture
def bench() -> Bench:
    return Bench()


def canary(wait: int = 60, **more: Any) -> dict[str, Any]:
    routing = {
        "Type": "CANARY",
        "CanarySize": {"Type": "INSTANCE_COUNT", "Value": 1},
        "WaitIntervalInSeconds": wait,
    }
    return {"BlueGreenUpdatePolicy": {"TrafficRoutingConfiguration": routing}, **more}


@pytest.mark.parametrize("status", STATUSES)
@pytest.mark.parametrize("event", EVENTS)
def test_what_the_table_does_not_have_is_refused(status: str, event: str) -> None:
    if (status, event) in lifecycle.STATUS:
        assert lifecycle.next_status(status, event) in {*STATUSES, "Gone"}
    else:
        with pytest.raises(lifecycle.IllegalMoveError):
            lifecycle.next_status(status, event)


def test_it_is_in_service_when_its_containers_are_ready(bench: Bench) -> None:
    bench.create()
    assert (bench.now.status, bench.servings.told) == ("Creating", [("start", "d1")])
    bench.deployments.ready(ARN, "d0")  # of an endpoint of the same name that was deleted
    assert bench.now.status == "Creating"
    bench.deployments.ready(ARN, "d1")
    assert (bench.now.status, bench.now.serving is not None, bench.now.pending) == ("InService", True, None)
    assert bench.heard == ["InService"]


def test_one_that_cannot_serve_fails_and_can_only_be_deleted(bench: Bench) -> None:
    bench.create()
    bench.deployments.failed(ARN, "d1", "no ping")
    assert (bench.now.status, bench.now.failure_reason) == ("Failed", "no ping")
    assert bench.endpoints.describe(ARN)["EndpointConfigName"] == "one"
    with pytest.raises(DomainError, match="Cannot update failed endpoint"):
        bench.update()
    bench.endpoints.delete(ARN)
    bench.deployments.gone(ARN)
    assert bench.store.rows == {}


def test_an_endpoint_that_is_made_or_updated_is_not_changed(bench: Bench) -> None:
    bench.create()
    with pytest.raises(DomainError, match="Cannot update in-progress endpoint"):
        bench.update()
    with pytest.raises(DomainError, match="Cannot update in-progress endpoint"):
        bench.endpoints.delete(ARN)


def test_an_update_takes_over_at_once_without_a_policy(bench: Bench) -> None:
    bench.serve()
    bench.update()
    bench.deployments.ready(ARN, "d2")
    assert bench.now.serving is not None
    assert (bench.now.status, bench.now.serving.id) == ("InService", "d2")
    assert bench.servings.told[-1] == ("retire", "d1")


def test_a_canary_takes_its_part_then_all_then_the_old_one_ends(bench: Bench) -> None:
    bench.serve()
    bench.update(**canary(wait=60))
    bench.deployments.ready(ARN, "d2")
    assert (bench.now.status, bench.now.share) == ("Updating", 0.25)  # one of four instances
    for _ in range(59):
        bench.pass_seconds(1)
    assert bench.now.share == 0.25
    bench.pass_seconds(1)
    assert bench.now.share == 1.0
    assert ("retire", "d1") not in bench.servings.told
    for _ in range(60):
        bench.pass_seconds(1)
    assert (bench.now.status, bench.now.share) == ("InService", 0.0)
    assert bench.servings.told[-1] == ("retire", "d1")


def test_an_alarm_takes_a_shift_back(bench: Bench) -> None:
    bench.serve()
    bench.update(**canary(AutoRollbackConfiguration={"Alarms": [{"AlarmName": "errors"}]}))
    bench.deployments.ready(ARN, "d2")
    bench.pass_seconds(1)
    assert bench.now.status == "Updating"
    bench.peers.ringing = ["errors"]
    bench.pass_seconds(1)
    assert bench.now.serving is not None
    assert (bench.now.status, bench.now.serving.id, bench.now.share) == ("InService", "d1", 0.0)
    assert "in ALARM: errors" in str(bench.now.failure_reason)
    assert bench.servings.told[-1] == ("retire", "d2")
    bench.pass_seconds(600)
    assert bench.now.serving.id == "d1"


def test_weights_change_what_serves(bench: Bench) -> None:
    bench.serve()
    bench.endpoints.reweigh(ARN, [{"VariantName": "v", "DesiredWeight": 3.0, "DesiredInstanceCount": 2}])
    told = bench.endpoints.describe(ARN)["ProductionVariants"][0]
    assert (told["CurrentWeight"], told["DesiredWeight"], told["DesiredInstanceCount"]) == (1.0, 3.0, 2)
    bench.deployments.ready(ARN, "d1")
    told = bench.endpoints.describe(ARN)["ProductionVariants"][0]
    assert (told["CurrentWeight"], told["CurrentInstanceCount"]) == (3.0, 2)
    assert ("retire", "d1") not in bench.servings.told
    with pytest.raises(DomainError, match="at least 1"):
        bench.endpoints.reweigh(ARN, [{"VariantName": "v", "DesiredInstanceCount": 0}])


def test_weights_are_kept_over_an_update_that_says_so(bench: Bench) -> None:
    bench.serve()
    bench.endpoints.reweigh(ARN, [{"VariantName": "v", "DesiredWeight": 3.0, "DesiredInstanceCount": 2}])
    bench.deployments.ready(ARN, "d1")
    request = {
        "EndpointConfigName": "two",
        "RetainAllVariantProperties": True,
        "ExcludeRetainedVariantProperties": [{"VariantPropertyType": "DesiredInstanceCount"}],
    }
    bench.endpoints.update(ARN, request)
    assert bench.now.pending is not None
    assert [(variant.weight, variant.count) for variant in bench.now.pending.variants] == [(3.0, 4)]


def test_the_next_server_starts_what_served_and_what_was_to(bench: Bench) -> None:
    bench.serve()
    bench.update(**canary())
    bench.deployments.ready(ARN, "d2")
    bench.servings.told.clear()
    bench.endpoints.recover()
    assert bench.servings.told == [("start", "d1"), ("start", "d2")]
    assert (bench.now.share, bench.now.step) == (0.0, 0)
    bench.deployments.ready(ARN, "d1")  # a report of what serves already
    assert bench.now.status == "Updating"
    bench.deployments.ready(ARN, "d2")
    assert bench.now.share == 0.25


def test_the_next_server_goes_on_deleting(bench: Bench) -> None:
    bench.serve()
    bench.endpoints.delete(ARN)
    bench.endpoints.recover()
    assert bench.servings.told[-2:] == [("end", "scores"), ("end", "scores")]
    bench.deployments.gone(ARN)
    bench.deployments.gone(ARN)
    with pytest.raises(DomainError, match="Could not find endpoint"):
        bench.endpoints.describe(ARN)


@pytest.mark.parametrize(
    ("model", "told"),
    [
        ({"PrimaryContainer": {"Mode": "MultiModel"}}, "multi-model containers"),
        ({"Containers": [{}], "InferenceExecutionConfig": {"Mode": "Direct"}}, "InferenceExecutionConfig"),
    ],
)
def test_a_model_that_is_not_served_is_refused(bench: Bench, model: dict[str, Any], told: str) -> None:
    bench.model = model
    with pytest.raises(DomainError, match=told):
        bench.create()
    assert bench.store.rows == {}


def test_a_configuration_names_its_variants_once_and_is_made_once(bench: Bench) -> None:
    configs = bench.endpoints.configs
    twice = {
        "EndpointConfigName": "three",
        "ProductionVariants": [{"VariantName": "v"}, {"VariantName": "v"}],
    }
    with pytest.raises(DomainError, match="Variant names must be unique"):
        configs.create(ACCOUNT, REGION, twice)
    with pytest.raises(DomainError, match="already exists"):
        configs.create(ACCOUNT, REGION, {"EndpointConfigName": "one"})
    with pytest.raises(DomainError, match="Could not find endpoint configuration"):
        configs.describe("arn:aws:sagemaker:eu-west-1:111111111111:endpoint-config/none")


def test_a_step_writes_and_begins_later(bench: Bench) -> None:
    request = {"EndpointName": "scores", "EndpointConfigName": "one"}
    step = StepRef("execution", "Deploy")
    bench.endpoints.write(ACCOUNT, REGION, request, tags=(), step=step)
    assert (bench.servings.told, bench.now.step_of) == ([], step)
    bench.endpoints.begin(ARN)
    bench.deployments.ready(ARN, "d1")
    assert bench.now.status == "InService"
    bench.endpoints.write(ACCOUNT, REGION, {**request, "EndpointConfigName": "two"}, tags=(), step=step)
    assert bench.now.status == "Updating"
    bench.deployments.ready(ARN, "d2")
    bench.update()
    assert bench.now.step_of is None
