"""What becomes of deployments: the one who serves them reports, and here it is decided what a report means.

A deployment that is ready takes over at once, or step by step as its DeploymentConfig says (see ``rollout``); while a
step lasts, the alarms of AutoRollbackConfiguration are looked at once a second. One that fails, or is called off,
leaves what served before in service, with a FailureReason.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from ropeway.sandbox.domain.endpoints import lifecycle, requests, rollout
from ropeway.sandbox.domain.endpoints.model import Endpoint
from ropeway.sandbox.domain.endpoints.moves import Moves
from ropeway.sandbox.domain.endpoints.ports import ServingReports, Servings
from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.ports import Alarms, Peers
from ropeway.sandbox.domain.tags.service import Tags
from ropeway.values.clock import Clock
from ropeway.values.ids import Ids

__all__ = ["Deployments", "World"]

_LOOK_SECONDS = 1.0


@dataclass(frozen=True)
class World:
    """What endpoints live in."""

    clock: Clock
    ids: Ids
    alarms: Alarms
    peers: Peers


class Deployments:
    """Implements ``ServingReports``.

    Args:
        servings: makes the one who serves and reports to this object.
    """

    def __init__(
        self, moves: Moves, world: World, tags: Tags, servings: Callable[[ServingReports], Servings]
    ) -> None:
        self._moves = moves
        self._world = world
        self._tags = tags
        self.servings = servings(self)

    def ready(self, arn: str, deployment: str) -> None:
        """A deployment can serve: it takes over, at once or step by step."""
        found = self._moves.store.get(arn)
        if found is None or found.pending is None or not found.pends(deployment):
            return
        instances = sum(variant.count for variant in found.pending.variants)
        shifted = found.serving is not None and found.serving.id != deployment
        steps = rollout.steps(found.policy, instances) if shifted else []
        self._shift(arn, deployment, steps, 0)

    def failed(self, arn: str, deployment: str, reason: str) -> None:
        """A deployment cannot serve: what served before goes on."""

        def change(endpoint: Endpoint) -> Endpoint | None:
            if not endpoint.pends(deployment):
                return None
            status = lifecycle.next_status(endpoint.status, "failed")
            kept = endpoint.pending if status == "Failed" else None  # its configuration is told
            return replace(
                endpoint, status=status, pending=kept, share=0.0, step=0, failure_reason=reason[:1024]
            )

        self._moves.move(arn, change)

    def gone(self, arn: str) -> None:
        """A deleted endpoint's processes have ended."""
        with self._moves.transactions.transaction():
            found = self._moves.store.get(arn)
            if found is None or (found.status, "gone") not in lifecycle.STATUS:
                return
            self._moves.store.delete(arn)
            self._tags.clear(arn)
        self._moves.tell(found)

    def _shift(self, arn: str, deployment: str, steps: Sequence[rollout.Step], number: int) -> None:
        """Take a step of a shift; behind the last one the old deployment ends."""
        retired: list[str] = []

        def change(endpoint: Endpoint) -> Endpoint | None:
            if not endpoint.pends(deployment):
                return None
            if number < len(steps):
                return replace(endpoint, share=steps[number][0], step=number + 1)
            if endpoint.serving is not None and endpoint.serving.id != deployment:
                retired.append(endpoint.serving.id)
            moved = replace(endpoint, status=lifecycle.next_status(endpoint.status, "ready"))
            return requests.settled(moved)

        if self._moves.move(arn, change) is None:
            return
        for old in retired:
            self.servings.retire(arn, old)
        if number < len(steps):
            self._look(arn, deployment, steps, self._world.clock.now() + steps[number][1])

    def _look(self, arn: str, deployment: str, steps: Sequence[rollout.Step], until: float) -> None:
        """Wait through a step, and take the shift back when an alarm rings."""
        found = self._moves.store.get(arn)
        if found is None or not found.pends(deployment):
            return
        ringing = self._ringing(found)
        now = self._world.clock.now()
        if ringing:
            self.failed(arn, deployment, f"The deployment was rolled back: in ALARM: {', '.join(ringing)}.")
            self.servings.retire(arn, deployment)
        elif now >= until:
            self._shift(arn, deployment, steps, found.step)
        else:
            again = min(until, now + _LOOK_SECONDS)
            self._world.alarms.at(again, lambda: self._look(arn, deployment, steps, until))

    def _ringing(self, endpoint: Endpoint) -> Sequence[str]:
        names = rollout.alarms(endpoint.policy)
        if not names:
            return []
        where = {"account": endpoint.account, "region": endpoint.region}
        try:
            told = self._world.peers.call("cloudwatch", "DescribeAlarms", {"AlarmNames": names}, **where)
        except DomainError as error:
            return [f"{', '.join(names)} ({error.message})"]
        states = {alarm["AlarmName"]: alarm["StateValue"] for alarm in told.get("MetricAlarms", ())}
        return [name for name in names if states.get(name) == "ALARM"]
