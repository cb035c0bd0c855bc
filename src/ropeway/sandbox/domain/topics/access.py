"""Who may do what with a topic: its own account, unless its policy forbids it; others where the policy lets them."""

from __future__ import annotations

import json

from ropeway.sandbox.domain.caller import Caller
from ropeway.sandbox.domain.errors import Denied
from ropeway.sandbox.domain.policy import Decision, evaluate
from ropeway.sandbox.domain.topics.model import Subscription, Topic

__all__ = ["demand", "demand_own"]


def demand(topic: Topic, caller: Caller, action: str) -> None:
    """Refuse a caller whom the topic's policy does not let do something.

    Raises:
        Denied: ``AuthorizationError``.
    """
    decision = evaluate(
        {"Statement": [], **json.loads(topic.attributes.get("Policy") or "{}")},
        principal_arn=caller.arn,
        principal_account=caller.account,
        action=f"SNS:{action}",
        resource=topic.arn,
        context={"aws:SourceOwner": [caller.account]},
    )
    own = caller.account == topic.account
    if decision is Decision.DENY or (decision is Decision.NONE and not own):
        why = f"because no resource-based policy allows the SNS:{action} action"
        if decision is Decision.DENY:
            why = "with an explicit deny in a resource-based policy"
        raise _denied(caller, action, topic.arn, f" {why}")


def demand_own(subscription: Subscription, caller: Caller, action: str) -> None:
    """Refuse a caller who owns neither a subscription nor its topic.

    Raises:
        Denied: ``AuthorizationError``.
    """
    if caller.account not in {subscription.account, subscription.topic_arn.split(":")[4]}:
        raise _denied(caller, action, subscription.arn, "")


def _denied(caller: Caller, action: str, resource: str, why: str) -> Denied:
    return Denied(
        f"User: {caller.arn} is not authorized to perform: SNS:{action} on resource: {resource}{why}",
        code="AuthorizationError",
        status=403,
    )
