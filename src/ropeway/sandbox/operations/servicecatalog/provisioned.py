"""Provisioned products: a version of a product as a CloudFormation stack, and the records of what was done to it.

The stack is one like any other (``cloudformation``), with the product's tags and the call's, and is made or deleted
within the call. A product whose stack failed is in ERROR and stays until it is terminated. The caller's own rights are
what counts: whether a portfolio lets it in, and a launch constraint's role, are not looked at.
"""

from __future__ import annotations

from typing import Any

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.records.ports import Record
from ropeway.sandbox.operations import pages
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.cloudformation.kept import Stack, find, new
from ropeway.sandbox.operations.cloudformation.making import changes_of, delete, make, wish_of
from ropeway.sandbox.operations.cloudformation.stacks import text_at
from ropeway.sandbox.operations.registry import operation
from ropeway.sandbox.operations.servicecatalog.parts import (
    add,
    every,
    missing,
    page,
    part,
    unused_id,
)
from ropeway.sandbox.operations.servicecatalog.products import artifact_of

__all__: list[str] = []

_TYPE = "CFN_STACK"
_CAPABILITIES = ["CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"]
_DETAIL = ("Name", "Status", "StatusMessage", "IdempotencyToken", "ProductId", "ProvisioningArtifactId")


@operation("servicecatalog", "ProvisionProduct")
def provision(call: Call) -> dict[str, Any]:
    """Make a version's stack; the same token again tells the same record."""
    params = call.params
    name, token = params["ProvisionedProductName"], params["ProvisionToken"]
    for each in every(call, "Provisioned"):
        if each.document["Name"] == name:
            if each.document["IdempotencyToken"] == token:
                return {"RecordDetail": _record(_part(call, "Record", each.document["LastRecordId"]))}
            raise DomainError(
                f"A provisioned product named {name} exists already.",
                code="DuplicateResourceException",
                status=400,
            )
    artifact = artifact_of(call)
    product = part(call, "Product", f"product/{artifact.parent.rpartition('/')[2]}")
    given = {each["Key"]: each.get("Value", "") for each in params.get("ProvisioningParameters", ())}
    tags = {each["Key"]: each["Value"] for each in call.domain.tags.list(product.arn)}
    tags |= {each["Key"]: each["Value"] for each in params.get("Tags", ())}
    identity = unused_id(call, "pp")
    stack = new(call, f"SC-{call.account}-{identity}", "NEW")
    try:
        text = text_at(call, str(artifact.document["Info"]["LoadTemplateFromURL"]))
        wish = wish_of(text, (given, tags, _CAPABILITIES), stack)
        changes_of(call, stack, wish)
    except DomainError as error:
        raise DomainError(error.message, code="InvalidParametersException", status=400) from error
    make(call, stack, wish)
    reason = "" if stack.status == "CREATE_COMPLETE" else _why(stack)
    document = {
        "Name": name,
        "Status": "ERROR" if reason else "AVAILABLE",
        "StatusMessage": reason or None,
        "IdempotencyToken": token,
        "ProductId": product.name,
        "ProductName": product.document["Name"],
        "ProvisioningArtifactId": artifact.name,
        "ProvisioningArtifactName": artifact.document.get("Name"),
        "PhysicalId": stack.arn,
        "UserArn": call.caller.arn,
    }
    made = add(call, "Provisioned", f"stack/{name}/{identity}", document)
    return {"RecordDetail": _note(call, made, "PROVISION_PRODUCT", reason)}


def _why(stack: Stack) -> str:
    """What failed first; a roll-back's own end says nothing of it."""
    failed = (each for each in stack.events if each["ResourceStatus"].endswith("_FAILED"))
    return str(next(failed, {}).get("ResourceStatusReason") or f"the stack is in {stack.status}")


@operation("servicecatalog", "TerminateProvisionedProduct")
def terminate(call: Call) -> dict[str, Any]:
    """Delete its stack and forget it; when that fails it stays, in ERROR, unless errors shall be ignored."""
    found = _named(call, call.params.get("ProvisionedProductId"), call.params.get("ProvisionedProductName"))
    stack = find(call, str(found.document["PhysicalId"]))
    reason = ""
    if stack is not None and not call.params.get("RetainPhysicalResources"):
        delete(call, stack)
        reason = stack.reason if stack.status != "DELETE_COMPLETE" else ""
    if reason and not call.params.get("IgnoreErrors"):
        call.domain.records.update(found.arn, {"Status": "ERROR", "StatusMessage": reason})
    else:
        call.domain.records.delete(found.arn)
    return {"RecordDetail": _note(call, found, "TERMINATE_PROVISIONED_PRODUCT", reason)}


@operation("servicecatalog", "DescribeProvisionedProduct")
def describe(call: Call) -> dict[str, Any]:
    """A provisioned product, by id or by name."""
    found = _named(call, call.params.get("Id"), call.params.get("Name"))
    return {"ProvisionedProductDetail": _detail(found), "CloudWatchDashboards": []}


@operation("servicecatalog", "ScanProvisionedProducts")
def scan(call: Call) -> dict[str, Any]:
    """The account's provisioned products."""
    return page(call, "ProvisionedProducts", list(every(call, "Provisioned")), _detail)


@operation("servicecatalog", "SearchProvisionedProducts")
def search(call: Call) -> dict[str, Any]:
    """Those that have every word that is asked for: ``key:value``, or a value alone."""
    queries = [query for found in call.params.get("Filters", {}).values() for query in found]
    found = [each for each in every(call, "Provisioned") if all(_matches(each, query) for query in queries)]
    answer = page(call, "ProvisionedProducts", found, _attributes)
    return {**answer, "TotalResultsCount": len(found)}


@operation("servicecatalog", "DescribeRecord")
def describe_record(call: Call) -> dict[str, Any]:
    """What was done, with the stack's outputs."""
    record = _part(call, "Record", call.params["Id"])
    return {"RecordDetail": _record(record), "RecordOutputs": _outputs(call, record)}


@operation("servicecatalog", "GetProvisionedProductOutputs")
def outputs(call: Call) -> dict[str, Any]:
    """Its stack's outputs."""
    params = call.params
    found = _named(call, params.get("ProvisionedProductId"), params.get("ProvisionedProductName"))
    wanted = params.get("OutputKeys")
    return {"Outputs": [each for each in _outputs(call, found) if not wanted or each["OutputKey"] in wanted]}


def _part(call: Call, kind: str, name: str) -> Record:
    return part(call, kind, f"{kind.lower()}/{name}")


def _named(call: Call, identity: str | None, name: str | None) -> Record:
    if not identity and not name:
        raise DomainError("Give an id or a name.", code="InvalidParametersException", status=400)
    for each in every(call, "Provisioned"):
        if each.name == identity or (not identity and each.document["Name"] == name):
            return each
    raise missing("Provisioned product", identity or name or "")


def _matches(found: Record, query: str) -> bool:
    key, colon, value = query.partition(":")
    told = {name.lower(): str(each) for name, each in _attributes(found).items()}
    if not colon:
        return any(query.lower() in each.lower() for each in told.values())
    return told.get(key.lower(), "").lower() == value.strip('"').lower()


def _detail(found: Record) -> dict[str, Any]:
    last = found.document["LastRecordId"]
    told = {
        "Id": found.name,
        "Arn": found.arn,
        "Type": _TYPE,
        "CreatedTime": pages.moment(found.created),
        "LastRecordId": last,
        "LastProvisioningRecordId": last,
        **{name: found.document[name] for name in _DETAIL if found.document.get(name) is not None},
    }
    if found.document["Status"] == "AVAILABLE":
        told["LastSuccessfulProvisioningRecordId"] = last
    return told


def _attributes(found: Record) -> dict[str, Any]:
    names = ("PhysicalId", "ProductName", "ProvisioningArtifactName", "UserArn")
    return {
        **_detail(found),
        **{name: found.document[name] for name in names if found.document.get(name) is not None},
    }


def _note(call: Call, found: Record, kind: str, reason: str) -> dict[str, Any]:
    """Keep a record of what was done, and tell it."""
    document = {
        "ProvisionedProductName": found.document["Name"],
        "ProvisionedProductId": found.name,
        "ProductId": found.document["ProductId"],
        "ProvisioningArtifactId": found.document["ProvisioningArtifactId"],
        "PhysicalId": found.document["PhysicalId"],
        "RecordType": kind,
        "Status": "FAILED" if reason else "SUCCEEDED",
        "Reason": reason or None,
    }
    record = add(call, "Record", f"record/{unused_id(call, 'rec')}", document)
    call.domain.records.update(found.arn, {"LastRecordId": record.name})
    return _record(record)


def _record(record: Record) -> dict[str, Any]:
    document = record.document
    names = ("ProvisionedProductName", "ProvisionedProductId", "ProductId", "ProvisioningArtifactId")
    reason = document.get("Reason")
    return {
        "RecordId": record.name,
        "RecordType": document["RecordType"],
        "Status": document["Status"],
        "CreatedTime": pages.moment(record.created),
        "UpdatedTime": pages.moment(record.modified),
        "ProvisionedProductType": _TYPE,
        "RecordErrors": [{"Code": "StackFailed", "Description": reason}] if reason else [],
        "RecordTags": [],
        **{name: document[name] for name in names},
    }


def _outputs(call: Call, record: Record) -> list[dict[str, Any]]:
    stack = find(call, str(record.document["PhysicalId"]))
    found = stack.outputs if stack else []
    return [
        {key: each[key] for key in ("OutputKey", "OutputValue", "Description") if each.get(key)}
        for each in found
    ]
