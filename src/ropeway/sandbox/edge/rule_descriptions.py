"""Descriptions of security group rules that name another group: moto forgets them, so they are kept beside it."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl
from xml.etree import ElementTree as ET

from ropeway.sandbox.domain.caller import Caller
from ropeway.sandbox.domain.records.ports import Record
from ropeway.sandbox.domain.services import Domain
from ropeway.sandbox.operations.wire import Request, Response

__all__ = ["OPERATIONS", "complete"]

_ADDS = {"AuthorizeSecurityGroupEgress", "AuthorizeSecurityGroupIngress"}
OPERATIONS = _ADDS | {"DescribeSecurityGroupRules"}
_NAMESPACE = "http://ec2.amazonaws.com/doc/2016-11-15"


def complete(
    operation: str, request: Request, response: Response, caller: Caller, domain: Domain
) -> Response:
    """An answer of moto's with the descriptions that moto forgot."""
    if not isinstance(response.body, bytes):
        return response
    root = ET.fromstring(response.body)  # noqa: S314 - moto wrote it
    rules = [
        item
        for item in root.iter(_tag("item"))
        if item.find(_tag("securityGroupRuleId")) is not None
        and item.find(_tag("referencedGroupInfo")) is not None
    ]
    if operation in _ADDS:
        for rule, description in zip(rules, _descriptions(request), strict=False):
            if description:
                _keep(_key(rule, caller), description, caller, domain)
    for rule in rules:
        found = domain.records.get(_key(rule, caller))
        if found is not None and rule.find(_tag("description")) is None:
            # Where moto puts it, before the tags: readers do not mind, people who compare do.
            element = ET.Element(_tag("description"))
            element.text = str(found.document["Description"])
            rule.insert(len(rule) - 1, element)
    ET.register_namespace("", _NAMESPACE)
    return Response(response.status, response.headers, ET.tostring(root, "utf-8", xml_declaration=True))


def _descriptions(request: Request) -> list[str]:
    """What each pair of groups in the request is described as, in order."""
    fields: dict[str, Any] = dict(
        parse_qsl(request.body().decode("utf-8", "replace"), keep_blank_values=True)
    )
    pairs = sorted(
        {name.rpartition(".")[0] for name in fields if ".Groups." in name or ".UserIdGroupPairs." in name},
        key=lambda name: [int(part) for part in name.split(".") if part.isdigit()],
    )
    return [fields.get(f"{pair}.Description", "") for pair in pairs]


def _keep(key: str, description: str, caller: Caller, domain: Domain) -> None:
    if domain.records.get(key) is None:
        document = {"Description": description}
        domain.records.create(
            Record(key, "SecurityGroupRule", caller.account, "", key, "", 0.0, 0.0, document), ()
        )
    else:
        domain.records.update(key, {"Description": description})


def _key(rule: ET.Element, caller: Caller) -> str:
    name = rule.findtext(_tag("securityGroupRuleId"), "")
    return f"arn:aws:ec2::{caller.account}:security-group-rule/{name}"


def _tag(name: str) -> str:
    return f"{{{_NAMESPACE}}}{name}"
