"""Quotas by service and code; an increase that is asked for is granted at once.

The sandbox does not know AWS's list of quotas: a code of the right form counts as one whose default is 0.
"""

from __future__ import annotations

from typing import Any

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.listing import Listing
from ropeway.sandbox.domain.records.ports import Record
from ropeway.sandbox.operations import pages
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.registry import operation

__all__: list[str] = []

_ALL = 10_000


@operation("service-quotas", "GetServiceQuota")
def get(call: Call) -> dict[str, Any]:
    """The quota that applies."""
    return {"Quota": _quota(call, _value(call))}


@operation("service-quotas", "GetAWSDefaultServiceQuota")
def get_default(call: Call) -> dict[str, Any]:
    """AWS's default, which the sandbox does not know: 0."""
    return {"Quota": _quota(call, 0.0)}


@operation("service-quotas", "RequestServiceQuotaIncrease")
def request_increase(call: Call) -> dict[str, Any]:
    """Raise a quota."""
    desired = call.params["DesiredValue"]
    if desired <= _value(call):
        raise DomainError(
            f"You must provide a quota value greater than the current quota value {_value(call)}.",
            code="IllegalArgumentException",
            status=400,
        )
    number = call.domain.records.ids.uuid().replace("-", "")
    document = {
        "ServiceCode": call.params["ServiceCode"],
        "QuotaCode": call.params["QuotaCode"],
        "DesiredValue": float(desired),
        "Requester": call.caller.arn,
    }
    arn = f"{_arn(call)}/request/{number}"
    record = Record(arn, "QuotaRequest", call.account, call.region, number, _arn(call), 0.0, 0.0, document)
    return {"RequestedQuota": _request(call.domain.records.create(record, ()))}


@operation("service-quotas", "GetRequestedServiceQuotaChange")
def get_request(call: Call) -> dict[str, Any]:
    """A request by its id."""
    for each in _requests(call):
        if each.name == call.params["RequestId"]:
            return {"RequestedQuota": _request(each)}
    raise DomainError(
        f"The request {call.params['RequestId']} does not exist.", code="NoSuchResourceException", status=400
    )


@operation("service-quotas", "ListRequestedServiceQuotaChangeHistoryByQuota")
def list_requests(call: Call) -> dict[str, Any]:
    """The requests for a quota, the newest first."""
    wanted = call.params.get("Status", "APPROVED")
    found = [each for each in _requests(call) if each.parent == _arn(call)] if wanted == "APPROVED" else []
    return {"RequestedQuotas": [_request(each) for each in found]}


def _arn(call: Call) -> str:
    service, code = call.params["ServiceCode"], call.params["QuotaCode"]
    return f"arn:aws:servicequotas:{call.region}:{call.account}:{service}/{code}"


def _requests(call: Call) -> list[Record]:
    listing = Listing(descending=True, limit=_ALL)
    return list(call.domain.records.list("QuotaRequest", call.account, call.region, listing).items)


def _value(call: Call) -> float:
    for each in _requests(call):
        if each.parent == _arn(call):
            return float(each.document["DesiredValue"])
    return 0.0


def _quota(call: Call, value: float) -> dict[str, Any]:
    return {
        "ServiceCode": call.params["ServiceCode"],
        "ServiceName": call.params["ServiceCode"],
        "QuotaArn": _arn(call),
        "QuotaCode": call.params["QuotaCode"],
        "QuotaName": call.params["QuotaCode"],
        "Value": value,
        "Unit": "None",
        "Adjustable": True,
        "GlobalQuota": False,
    }


def _request(record: Record) -> dict[str, Any]:
    return {
        "Id": record.name,
        "Status": "APPROVED",
        "Created": pages.moment(record.created),
        "LastUpdated": pages.moment(record.created),
        "QuotaArn": record.parent,
        "GlobalQuota": False,
        "Unit": "None",
        **record.document,
    }
