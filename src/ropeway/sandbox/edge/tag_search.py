"""The Resource Groups Tagging API's GetResources: what moto finds by tags, and what Ropeway itself keeps.

What is Ropeway's comes on the last page, all of it: moto pages its own.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from ropeway.sandbox.domain.caller import Caller
from ropeway.sandbox.domain.services import Domain
from ropeway.sandbox.edge.codec.json import document_of
from ropeway.sandbox.edge.route import scope_of
from ropeway.sandbox.operations.wire import Request, Response

__all__ = ["OPERATIONS", "SERVICES", "complete"]

SERVICES = {"resourcegroupstaggingapi", "tagging"}
OPERATIONS = {"GetResources"}
_LIST = "ResourceTagMappingList"


def complete(request: Request, response: Response, caller: Caller, domain: Domain) -> Response:
    """An answer of moto's with the resources that moto does not know."""
    if not isinstance(response.body, bytes):
        return response
    answer = json.loads(response.body)
    if answer.get("PaginationToken"):
        return response
    asked = document_of(request.body())
    told = {each["ResourceARN"] for each in answer.get(_LIST, ())}
    answer[_LIST] = [
        *answer.get(_LIST, ()),
        *(
            {"ResourceARN": arn, "Tags": [{"Key": key, "Value": value} for key, value in tags.items()]}
            for arn, tags in _kept(caller.account, scope_of(request).region or "", domain)
            if arn not in told and _wanted(arn, tags, asked)
        ),
    ]
    return Response(response.status, response.headers, json.dumps(answer).encode())


def _kept(account: str, region: str, domain: Domain) -> Iterator[tuple[str, Mapping[str, str]]]:
    """Everything of Ropeway's in a place that has tags."""
    yield from domain.tags.everything(account, region).items()
    buckets = domain.objects.buckets
    for bucket in buckets.owned_by(account):
        found = buckets.get(bucket, "tagging")
        if bucket.region == region and found:
            yield bucket.arn, {each["Key"]: each["Value"] for each in found["TagSet"]}


def _wanted(arn: str, tags: Mapping[str, str], asked: Mapping[str, Any]) -> bool:
    """Whether a resource is what was asked for: by ARN, by type, and by every filter's key and values."""
    if (named := asked.get("ResourceARNList")) and arn not in named:
        return False
    if (kinds := asked.get("ResourceTypeFilters")) and not any(_is_of(arn, kind) for kind in kinds):
        return False
    return all(
        each["Key"] in tags and (not each.get("Values") or tags[each["Key"]] in each["Values"])
        for each in asked.get("TagFilters", ())
    )


def _is_of(arn: str, kind: str) -> bool:
    """Whether an ARN is of a type such as ``sagemaker`` or ``sagemaker:endpoint``."""
    service, _, type_ = kind.partition(":")
    parts = arn.split(":", 5)
    return parts[2] == service and (not type_ or parts[5].replace("/", ":").split(":")[0] == type_)
