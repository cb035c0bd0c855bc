"""Who may touch a group or a package of another account: whoever the group's resource policy lets.

Inside one account nothing is refused: the sandbox does not evaluate identities' own policies. A package without
a group has no policy and stays in its account.
"""

from __future__ import annotations

import json

from ropeway.sandbox.domain.caller import Caller
from ropeway.sandbox.domain.errors import Denied, Invalid
from ropeway.sandbox.domain.policy import Decision, evaluate
from ropeway.sandbox.domain.registry.model import Group, package_arn
from ropeway.values.arn import Arn

__all__ = ["check_access", "group_arn_of", "package_arn_of"]


def check_access(caller: Caller | None, group: Group | None, action: str, resource: str) -> None:
    """Refuse a caller of another account that the group's policy does not allow the action.

    Args:
        caller: who asks; None for the sandbox itself.
        group: the group whose policy decides; None where there is none.
        action: without the service, for example ``DescribeModelPackage``.
        resource: the ARN of what is touched.

    Raises:
        Denied: the policy does not allow it.
    """
    if caller is None or caller.account == Arn.parse(resource).account:
        return
    full = f"sagemaker:{action}"
    if group is not None and group.policy is not None:
        decision = evaluate(
            json.loads(group.policy),
            principal_arn=caller.arn,
            principal_account=caller.account,
            action=full,
            resource=resource,
            context={},
        )
        if decision is Decision.ALLOW:
            return
    raise Denied(
        f"User: {caller.arn} is not authorized to perform: {full} on resource: {resource} "
        f"because no resource-based policy allows the {full} action"
    )


def group_arn_of(name_or_arn: str, account: str, region: str) -> str:
    """The ARN of a group that is named by name or ARN.

    Raises:
        Invalid: it is another kind of resource's ARN.
    """
    if not name_or_arn.startswith("arn:"):
        return str(Arn("sagemaker", region, account, f"model-package-group/{name_or_arn}"))
    return _arn_of_kind(name_or_arn, "model-package-group")


def package_arn_of(name_or_arn: str, account: str, region: str) -> str:
    """The ARN of a package that is named by name or ARN.

    Raises:
        Invalid: it is another kind of resource's ARN.
    """
    if not name_or_arn.startswith("arn:"):
        return package_arn(account, region, name_or_arn)
    return _arn_of_kind(name_or_arn, "model-package")


def _arn_of_kind(text: str, kind: str) -> str:
    arn = Arn.parse(text)
    if arn.service != "sagemaker" or arn.kind != kind:
        raise Invalid(f"Invalid ARN: {text} is not the ARN of a {kind}.")
    return text
