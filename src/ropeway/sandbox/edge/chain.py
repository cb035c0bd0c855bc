"""What happens to a request, top to bottom.

1. ``/_sandbox/…`` is the sandbox's own (health, reset).
2. The route: service, operation, and the scope of the signature (``route``).
3. The caller behind the access key (``domain.sessions``).
4. An operation that Ropeway owns: parse (``codec``), validate, run (perhaps later: ``holds``), serialise. An owned
   service's operation that Ropeway does not own, and any other service: moto. What moto lacks: an error that names it.
5. Errors become the protocol's error answer. A fault of ours is logged with its traceback and answered as
   ``InternalFailure``: this is the process border, the one place that catches everything.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass

from ropeway.sandbox.domain.caller import Caller
from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.seeds import Seeds
from ropeway.sandbox.domain.services import Domain
from ropeway.sandbox.edge import admin, codec
from ropeway.sandbox.edge.codec import validate
from ropeway.sandbox.edge.faults import crashed, no_such_operation, not_there
from ropeway.sandbox.edge.holds import Holds
from ropeway.sandbox.edge.hooks import after_moto, before_moto
from ropeway.sandbox.edge.moto import Moto
from ropeway.sandbox.edge.names import guess_protocol, name_operation
from ropeway.sandbox.edge.queue_policies import with_policy
from ropeway.sandbox.edge.refused import refuse
from ropeway.sandbox.edge.route import Route, identify, scope_of
from ropeway.sandbox.operations import registry, service_models
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.wire import Request, Response
from ropeway.values.ids import Ids

__all__ = ["OWNED", "Edge"]

_log = logging.getLogger(__name__)

# Services with operations of ours, with the protocol for their errors before an operation is known.
OWNED = {
    "application-autoscaling": "json",
    "budgets": "json",
    "cloudformation": "query",
    "events": "json",
    "iam": "query",
    "kms": "json",
    "lambda": "rest-json",
    "s3": "rest-xml",
    "sagemaker": "json",
    "sagemaker-metrics": "rest-json",
    "sagemaker-runtime": "rest-json",
    "scheduler": "rest-json",
    "service-quotas": "json",
    "servicecatalog": "json",
    "sns": "query",
    "stepfunctions": "json",
    "sts": "query",
}
# Those that moto must not answer for: it would tell of things of its own.
WHOLLY_OWNED = {
    "budgets",
    "cloudformation",
    "s3",
    "sagemaker-metrics",
    "sagemaker-runtime",
    "scheduler",
    "service-quotas",
    "servicecatalog",
    "sns",
    "stepfunctions",
}
_ID_HEADERS = {"x-amzn-requestid", "x-amz-request-id"}


@dataclass(frozen=True)
class Edge:
    """Answers requests.

    Attributes:
        endpoint: this server's address, for URLs in answers when the request names no host.
    """

    domain: Domain
    moto: Moto
    ids: Ids
    admin: admin.Admin
    endpoint: str
    seeds: Seeds
    holds: Holds

    def handle(self, request: Request) -> Response:
        """The answer to a request; never raises."""
        request_id = self.ids.uuid()
        if request.raw_path.startswith(admin.PREFIX):
            return self.admin.handle(request)
        service = operation = "?"
        try:
            route = identify(request)
            service, operation = route.service, route.operation or request.method
            caller = self.domain.sessions.caller(route.scope.access_key)
            if service in OWNED:
                return self._owned(request, route, caller, request_id)
            operation = name_operation(service, route.operation, request)
            return _with_id(self._forward(request, caller, service, operation), request_id)
        except DomainError as error:
            failure = error
        except Exception as error:  # noqa: BLE001 - the process border: everything becomes an answer
            _log.exception("%s %s failed", service, operation)
            failure = crashed(service, operation, error)
        protocol = OWNED.get(service) or guess_protocol(service, request)
        response: Response = codec.for_protocol(protocol).fault(failure, request_id, request.path)
        return response

    def _owned(self, request: Request, route: Route, caller: Caller, request_id: str) -> Response:
        model = service_models.service_model(route.service)
        wire = codec.for_protocol(OWNED[route.service])
        name = route.operation or wire.operation_of(model, request)
        if name not in model.operation_names:
            raise no_such_operation(route.service, name)
        handler = registry.lookup(route.service, name)
        operation = model.operation_model(name)
        if handler is None:
            refuse(route.service, name)
            if wire in {codec.json, codec.rest_json}:  # bodies are read anyway: moto gets what AWS would take
                validate.validate(wire.parse(model, operation, request), operation.input_shape)
            return _with_id(self._forward(request, caller, route.service, name), request_id)
        params = wire.parse(model, operation, request)
        validate.validate(params, operation.input_shape)
        if route.service == "iam":
            self.seeds.ensure(route.service, caller.account)
        host = request.host
        call = Call(
            service=route.service,
            operation=name,
            account=caller.account,
            region=route.scope.region,
            caller=caller,
            request_id=request_id,
            params=params,
            request=request,
            domain=self.domain,
            endpoint=f"{request.scheme}://{host}" if host else self.endpoint,
        )
        try:
            result = self.holds.answer(call, handler)
        finally:
            self.moto.memory.changed(route.service, name)
        response: Response = wire.serialize(model, operation, result or {}, request_id)
        response.headers.extend(call.response_headers.items())
        return response

    def _forward(self, request: Request, caller: Caller, service: str, operation: str) -> Response:
        if service in WHOLLY_OWNED:
            raise not_there(service, operation)
        self.seeds.ensure(service, caller.account)
        request = before_moto(service, operation, request, caller, self.domain)
        if (service, operation) == ("sqs", "SetQueueAttributes"):
            place = {"account": caller.account, "region": scope_of(request).region}
            request = with_policy(
                request, lambda params: self.moto.call("sqs", "GetQueueAttributes", params, **place)
            )
        try:
            response = self.moto.forward(
                request, service=service, operation=operation, account=caller.account
            )
            return after_moto(service, operation, request, response, caller, self.domain)
        finally:
            self.moto.memory.changed(service, operation)


def _with_id(response: Response, request_id: str) -> Response:
    """Give an answer of moto's the id that it lacks."""
    if not any(name.lower() in _ID_HEADERS for name, _ in response.headers):
        response.headers.append(("x-amzn-RequestId", request_id))
    return response
