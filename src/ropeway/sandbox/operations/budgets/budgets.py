"""Budgets, their notifications and who is told.

A budget is one record; its notifications with their subscribers stand in the record's document.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from ropeway.sandbox.domain.errors import DomainError, InUse
from ropeway.sandbox.domain.listing import Listing
from ropeway.sandbox.domain.records.ports import Record
from ropeway.sandbox.operations import pages
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.registry import operation

__all__: list[str] = []

_ALL = 10_000
_TYPES = {  # AWS's defaults for what counts as cost
    **dict.fromkeys(
        (
            "IncludeTax",
            "IncludeSubscription",
            "IncludeRefund",
            "IncludeCredit",
            "IncludeUpfront",
            "IncludeRecurring",
            "IncludeOtherSubscription",
            "IncludeSupport",
            "IncludeDiscount",
        ),
        True,
    ),
    "UseBlended": False,
    "UseAmortized": False,
}
# Members that AWS tells and nobody sets.
_AWS_S = frozenset({"CalculatedSpend", "HealthStatus", "LastUpdatedTime"})
_END = 3_706_473_600  # 2087-06-15, which AWS fills in for a budget without an end


@operation("budgets", "CreateBudget")
def create(call: Call) -> dict[str, Any]:
    """Keep a new budget with its notifications."""
    wanted = call.params["Budget"]
    if "Metrics" in wanted or "FilterExpression" in wanted:
        _only_costs(wanted)
    document = {
        "Budget": _stored(call, wanted),
        "Notifications": [
            {"Notification": _spelled(each["Notification"]), "Subscribers": each["Subscribers"]}
            for each in call.params.get("NotificationsWithSubscribers", ())
        ],
    }
    name = wanted["BudgetName"]
    record = Record(_arn(call, name), "Budget", call.account, "", name, "", 0.0, 0.0, document)
    try:
        call.domain.records.create(record, call.params.get("ResourceTags", ()))
    except InUse as error:
        raise DomainError(
            f"Error creating budget: {name} - the budget already exists.",
            code="DuplicateRecordException",
            status=400,
        ) from error
    return {}


@operation("budgets", "DescribeBudget")
def describe(call: Call) -> dict[str, Any]:
    """A budget; nothing has been spent."""
    return {"Budget": _told(_budget(call, call.params["BudgetName"]))}


@operation("budgets", "DescribeBudgets")
def describe_all(call: Call) -> dict[str, Any]:
    """All budgets of the account."""
    listing = Listing(descending=False, limit=_ALL)
    return {
        "Budgets": [
            _told(each) for each in call.domain.records.list("Budget", call.account, "", listing).items
        ]
    }


@operation("budgets", "UpdateBudget")
def update(call: Call) -> dict[str, Any]:
    """Replace a budget; its notifications stay."""
    wanted = call.params["NewBudget"]
    found = _budget(call, wanted["BudgetName"])
    call.domain.records.update(found.arn, {"Budget": _stored(call, wanted)}, whole=True)
    return {}


@operation("budgets", "DeleteBudget")
def delete(call: Call) -> dict[str, Any]:
    """Forget a budget."""
    call.domain.records.delete(_budget(call, call.params["BudgetName"]).arn)
    return {}


@operation("budgets", "CreateNotification")
def create_notification(call: Call) -> dict[str, Any]:
    """Add a notification."""
    found, entries = _entries(call)
    wanted = _spelled(call.params["Notification"])
    if any(each["Notification"] == wanted for each in entries):
        raise DomainError("The notification already exists.", code="DuplicateRecordException", status=400)
    _keep(call, found, [*entries, {"Notification": wanted, "Subscribers": call.params["Subscribers"]}])
    return {}


@operation("budgets", "UpdateNotification")
def update_notification(call: Call) -> dict[str, Any]:
    """Change a notification; who is told stays."""
    found, entries = _entries(call)
    entry = _entry(entries, call.params["OldNotification"])
    entry["Notification"] = _spelled(call.params["NewNotification"])
    _keep(call, found, entries)
    return {}


@operation("budgets", "DeleteNotification")
def delete_notification(call: Call) -> dict[str, Any]:
    """Take a notification away."""
    found, entries = _entries(call)
    entry = _entry(entries, call.params["Notification"])
    _keep(call, found, [each for each in entries if each is not entry])
    return {}


@operation("budgets", "DescribeNotificationsForBudget")
def describe_notifications(call: Call) -> dict[str, Any]:
    """A budget's notifications."""
    _, entries = _entries(call)
    return {"Notifications": [{**each["Notification"], "NotificationState": "OK"} for each in entries]}


@operation("budgets", "CreateSubscriber")
def create_subscriber(call: Call) -> dict[str, Any]:
    """Tell one more."""
    found, entries = _entries(call)
    entry = _entry(entries, call.params["Notification"])
    if call.params["Subscriber"] in entry["Subscribers"]:
        raise DomainError("The subscriber already exists.", code="DuplicateRecordException", status=400)
    entry["Subscribers"] = [*entry["Subscribers"], call.params["Subscriber"]]
    _keep(call, found, entries)
    return {}


@operation("budgets", "DeleteSubscriber")
def delete_subscriber(call: Call) -> dict[str, Any]:
    """Tell one less; a notification without any goes with its last one."""
    found, entries = _entries(call)
    entry = _entry(entries, call.params["Notification"])
    left = [each for each in entry["Subscribers"] if each != call.params["Subscriber"]]
    if len(left) == len(entry["Subscribers"]):
        raise DomainError("The subscriber does not exist.", code="NotFoundException", status=400)
    entry["Subscribers"] = left
    _keep(call, found, [each for each in entries if each["Subscribers"]])
    return {}


@operation("budgets", "DescribeSubscribersForNotification")
def describe_subscribers(call: Call) -> dict[str, Any]:
    """Who is told of a notification."""
    _, entries = _entries(call)
    return {"Subscribers": _entry(entries, call.params["Notification"])["Subscribers"]}


@operation("budgets", "ListTagsForResource")
def list_tags(call: Call) -> dict[str, Any]:
    """A budget's tags."""
    return {"ResourceTags": call.domain.tags.list(_tagged(call))}


@operation("budgets", "TagResource")
def tag(call: Call) -> dict[str, Any]:
    """Set tags."""
    call.domain.tags.add(_tagged(call), call.params["ResourceTags"])
    return {}


@operation("budgets", "UntagResource")
def untag(call: Call) -> dict[str, Any]:
    """Take tags away."""
    call.domain.tags.remove(_tagged(call), call.params["ResourceTagKeys"])
    return {}


def _arn(call: Call, name: str) -> str:
    return f"arn:aws:budgets::{call.account}:budget/{name}"


def _missing(name: str) -> DomainError:
    return DomainError(
        f"Unable to get budget: {name} - the budget doesn't exist.", code="NotFoundException", status=400
    )


def _budget(call: Call, name: str) -> Record:
    if call.params["AccountId"] != call.account:
        raise DomainError(
            f"Account {call.account} may not look at budgets of {call.params['AccountId']}.",
            code="AccessDeniedException",
            status=400,
        )
    found = call.domain.records.get(_arn(call, name))
    if found is None:
        raise _missing(name)
    return found


def _tagged(call: Call) -> str:
    arn: str = call.params["ResourceARN"]
    if call.domain.records.get(arn) is None:
        raise _missing(arn.rpartition("/")[2])
    return arn


def _entries(call: Call) -> tuple[Record, list[dict[str, Any]]]:
    found = _budget(call, call.params["BudgetName"])
    return found, [dict(each) for each in found.document["Notifications"]]


def _entry(entries: list[dict[str, Any]], wanted: Mapping[str, Any]) -> dict[str, Any]:
    for each in entries:
        if each["Notification"] == _spelled(wanted):
            return each
    raise DomainError("The notification does not exist.", code="NotFoundException", status=400)


def _spelled(notification: Mapping[str, Any]) -> dict[str, Any]:
    """A notification with its default and without its state, so that two can be compared."""
    kept = {name: value for name, value in notification.items() if name != "NotificationState"}
    return {"ThresholdType": "PERCENTAGE", **kept, "Threshold": float(kept["Threshold"])}


def _keep(call: Call, found: Record, entries: list[dict[str, Any]]) -> None:
    call.domain.records.update(found.arn, {"Notifications": entries})


def _only_costs(wanted: Mapping[str, Any]) -> None:
    raise DomainError(
        f"The sandbox keeps budgets with CostFilters and CostTypes only: {wanted['BudgetName']}.",
        code="InvalidParameterException",
        status=400,
    )


def _stored(call: Call, wanted: Mapping[str, Any]) -> dict[str, Any]:
    """A budget with what AWS fills in; times as seconds since 1970-01-01 UTC."""
    now = call.domain.records.now()
    month = now - now % 86_400
    period = {"Start": month, "End": float(_END)}
    period.update({name: _epoch(value) for name, value in wanted.get("TimePeriod", {}).items()})
    kept = {name: value for name, value in wanted.items() if name not in _AWS_S}
    if "AutoAdjustData" in kept:
        adjusted = kept["AutoAdjustData"]
        kept["AutoAdjustData"] = {key: each for key, each in adjusted.items() if key != "LastAutoAdjustTime"}
    return {
        **kept,
        "CostFilters": wanted.get("CostFilters", {}),
        "CostTypes": {**_TYPES, **wanted.get("CostTypes", {})},
        "TimePeriod": period,
    }


def _epoch(value: datetime | float) -> float:
    return value.timestamp() if isinstance(value, datetime) else float(value)


def _told(budget: Record) -> dict[str, Any]:
    kept = dict(budget.document["Budget"])
    kept["TimePeriod"] = {name: pages.moment(value) for name, value in kept["TimePeriod"].items()}
    kept["LastUpdatedTime"] = pages.moment(budget.modified)
    kept["CalculatedSpend"] = {"ActualSpend": {"Amount": "0.0", "Unit": "USD"}}
    return kept
