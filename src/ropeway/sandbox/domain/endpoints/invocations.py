"""Invocations: a request finds its variant, is answered by its containers, and perhaps captured.

Only an endpoint that serves is found, as on AWS's runtime: one that is being made is not there yet.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ropeway.sandbox.domain.endpoints import capture
from ropeway.sandbox.domain.endpoints.model import Answer, Ask, Deployment, Endpoint, Variant
from ropeway.sandbox.domain.endpoints.ports import CaptureSink, EndpointStore, Servings
from ropeway.sandbox.domain.endpoints.routing import choose
from ropeway.sandbox.domain.errors import DomainError
from ropeway.values.arn import Arn
from ropeway.values.clock import Clock
from ropeway.values.ids import Ids

__all__ = ["Invocation", "Invocations", "Reply"]

_SERVES = frozenset({"InService", "Updating"})


@dataclass(frozen=True)
class Invocation:
    """What InvokeEndpoint was called with.

    Attributes:
        target: the variant that is asked for.
    """

    account: str
    region: str
    endpoint: str
    ask: Ask = field(default_factory=lambda: Ask(b""))
    target: str | None = None
    inference_id: str = ""
    attributes: str = ""


@dataclass(frozen=True)
class Reply:
    """An answer, and which variant gave it."""

    answer: Answer
    variant: str


class Invocations:
    """Answers invocations.

    Args:
        chance: gives a number from 0 to below 1.
    """

    def __init__(
        self,
        store: EndpointStore,
        servings: Servings,
        sink: CaptureSink,
        clock: Clock,
        ids: Ids,
        chance: Callable[[], float],
    ) -> None:
        self._store = store
        self._servings = servings
        self._sink = sink
        self._clock = clock
        self._ids = ids
        self._chance = chance

    def invoke(self, invocation: Invocation) -> Reply:
        """Ask the endpoint.

        Raises:
            DomainError: ``ValidationError``: there is no such endpoint that serves, or no such variant;
                ``ModelError``: its containers answered an error, or nothing.
        """
        answer = None
        while (
            answer is None
        ):  # a deployment may end between the choice and the request: then another one serves
            endpoint, deployment, variant = self._choose(invocation)
            answer = self._servings.invoke(endpoint.arn, deployment.id, variant.name, invocation.ask)
        if not 200 <= answer.status < 400:
            raise _model_error(endpoint, answer)
        if capture.wanted(deployment.capture, self._chance()):
            event = capture.Event(
                self._ids.uuid(), self._clock.now(), invocation.inference_id, invocation.attributes
            )
            record = capture.line(deployment.capture, invocation.ask, answer, event)
            self._sink.put(endpoint, variant.name, deployment.capture["DestinationS3Uri"], record)
        return Reply(answer, variant.name)

    def _choose(self, invocation: Invocation) -> tuple[Endpoint, Deployment, Variant]:
        name = invocation.endpoint
        endpoint = self._store.get(
            str(Arn("sagemaker", invocation.region, invocation.account, f"endpoint/{name}"))
        )
        if endpoint is None or endpoint.status not in _SERVES:
            raise _invalid(f"Endpoint {name} of account {invocation.account} not found.")
        chosen = choose(endpoint, invocation.target, self._chance)
        if chosen is None and invocation.target:
            raise _invalid(f"Variant {invocation.target} of endpoint {name} not found.")
        if chosen is None:
            raise _invalid(f"Endpoint {name} has no variant with a weight above 0.")
        return (endpoint, *chosen)


def _invalid(message: str) -> DomainError:
    return DomainError(message, code="ValidationError", status=400)


def _model_error(endpoint: Endpoint, answer: Answer) -> DomainError:
    side = "client" if 400 <= answer.status < 500 else "server"
    text = answer.body.decode("utf-8", "replace")
    group = f"/aws/sagemaker/Endpoints/{endpoint.name}"
    where = f"https://{endpoint.region}.console.aws.amazon.com/cloudwatch/home?region={endpoint.region}"
    message = (
        f'Received {side} error ({answer.status}) from primary with message "{text}". See '
        f"{where}#logEventViewer:group={group} in account {endpoint.account} for more information."
    )
    arn = f"arn:aws:logs:{endpoint.region}:{endpoint.account}:log-group:{group}"
    fields = {"OriginalStatusCode": answer.status, "OriginalMessage": text, "LogStreamArn": arn}
    return DomainError(message, code="ModelError", status=424, fields=fields)
