"""Products and their provisioning artifacts.

A template must be there and be a CloudFormation template when the artifact is made, unless the caller turns
the check off, as AWS has it.
"""

from __future__ import annotations

import json
import re
from typing import Any
from urllib.parse import unquote, urlsplit

import yaml

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.records.ports import Record
from ropeway.sandbox.operations import pages
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.registry import operation
from ropeway.sandbox.operations.servicecatalog.parts import (
    add,
    every,
    missing,
    page,
    part,
    remove,
    retag,
    unused_id,
)

__all__ = ["artifact_of"]

_DESCRIPTION = (
    "Name",
    "Owner",
    "Description",
    "Distributor",
    "SupportDescription",
    "SupportEmail",
    "SupportUrl",
)
_HOST = re.compile(r"^(?:(?P<bucket>.+)\.)?s3[.-](?:[a-z0-9-]+\.)?amazonaws\.com$")


@operation("servicecatalog", "CreateProduct")
def create(call: Call) -> dict[str, Any]:
    """Keep a new product with its first artifact."""
    params = call.params
    first = params.get("ProvisioningArtifactParameters")
    if first is not None:
        _check_template(call, first)
    document = {name: params.get(name) for name in (*_DESCRIPTION, "ProductType", "SourceConnection")}
    product = add(call, "Product", f"product/{unused_id(call, 'prod')}", document)
    answer = {"ProductViewDetail": _view(product), "Tags": call.domain.tags.list(product.arn)}
    if first is not None:
        answer["ProvisioningArtifactDetail"] = _artifact_detail(_add_artifact(call, product, first))
    return answer


@operation("servicecatalog", "DescribeProductAsAdmin")
def describe_as_admin(call: Call) -> dict[str, Any]:
    """A product with its artifacts and tags."""
    product = _product(call)
    return {
        "ProductViewDetail": _view(product),
        "ProvisioningArtifactSummaries": [_artifact_summary(each) for each in _artifacts(call, product)],
        "Tags": call.domain.tags.list(product.arn),
        "TagOptions": [],
        "Budgets": [],
    }


@operation("servicecatalog", "DescribeProduct")
def describe(call: Call) -> dict[str, Any]:
    """A product as who launches it sees it."""
    product = _product(call)
    shown = [
        _artifact_detail(each) for each in _artifacts(call, product) if each.document.get("Active", True)
    ]
    kept = ("Id", "Name", "Description", "CreatedTime", "Guidance")
    return {
        "ProductViewSummary": _view(product)["ProductViewSummary"],
        "ProvisioningArtifacts": [
            {name: each[name] for name in kept if each.get(name) is not None} for each in shown
        ],
    }


@operation("servicecatalog", "UpdateProduct")
def update(call: Call) -> dict[str, Any]:
    """Change what is named."""
    product = _product(call)
    names = {*_DESCRIPTION, "SourceConnection"} & set(call.params)
    changed = call.domain.records.update(product.arn, {name: call.params[name] for name in names})
    return {"ProductViewDetail": _view(changed or product), "Tags": retag(call, product.arn)}


@operation("servicecatalog", "DeleteProduct")
def delete(call: Call) -> dict[str, Any]:
    """Forget a product that is in no portfolio, with its artifacts."""
    product = _product(call)
    if any(each.document["ProductId"] == product.name for each in every(call, "Association")):
        raise DomainError(
            f"Product {product.name} is in a portfolio.", code="ResourceInUseException", status=400
        )
    for each in _artifacts(call, product):
        call.domain.records.delete(each.arn)
    remove(call, "Product", f"product/{product.name}")
    return {}


@operation("servicecatalog", "SearchProductsAsAdmin")
def search_as_admin(call: Call) -> dict[str, Any]:
    """Products by portfolio and text."""
    found = list(every(call, "Product"))
    if "PortfolioId" in call.params:
        portfolio = part(call, "Portfolio", f"portfolio/{call.params['PortfolioId']}")
        inside = {each.document["ProductId"] for each in every(call, "Association", portfolio.arn)}
        found = [each for each in found if each.name in inside]
    for words in call.params.get("Filters", {}).values():
        found = [
            each for each in found if all(word.lower() in json.dumps(each.document).lower() for word in words)
        ]
    if call.params.get("SortBy") == "Title":
        found.sort(key=lambda each: str(each.document["Name"]))
    if call.params.get("SortOrder") == "DESCENDING":
        found.reverse()
    return page(call, "ProductViewDetails", found, _view)


@operation("servicecatalog", "CreateProvisioningArtifact")
def create_artifact(call: Call) -> dict[str, Any]:
    """Keep a new version of a product."""
    product = part(call, "Product", f"product/{call.params['ProductId']}")
    _check_template(call, call.params["Parameters"])
    return _artifact_answer(_add_artifact(call, product, call.params["Parameters"]))


@operation("servicecatalog", "DescribeProvisioningArtifact")
def describe_artifact(call: Call) -> dict[str, Any]:
    """A version of a product."""
    return _artifact_answer(artifact_of(call))


@operation("servicecatalog", "UpdateProvisioningArtifact")
def update_artifact(call: Call) -> dict[str, Any]:
    """Change what is named."""
    found = artifact_of(call)
    names = {"Name", "Description", "Active", "Guidance"} & set(call.params)
    changed = call.domain.records.update(found.arn, {name: call.params[name] for name in names})
    return _artifact_answer(changed or found)


@operation("servicecatalog", "DeleteProvisioningArtifact")
def delete_artifact(call: Call) -> dict[str, Any]:
    """Forget a version; a product keeps its last one."""
    found = artifact_of(call)
    if len(every(call, "Artifact", found.parent)) == 1:
        raise DomainError(
            "The last provisioning artifact of a product cannot be deleted.",
            code="ResourceInUseException",
            status=400,
        )
    call.domain.records.delete(found.arn)
    return {}


@operation("servicecatalog", "ListProvisioningArtifacts")
def list_artifacts(call: Call) -> dict[str, Any]:
    """A product's versions."""
    product = part(call, "Product", f"product/{call.params['ProductId']}")
    return {"ProvisioningArtifactDetails": [_artifact_detail(each) for each in _artifacts(call, product)]}


def _product(call: Call) -> Record:
    """By id, or by name."""
    if "Id" in call.params:
        return part(call, "Product", f"product/{call.params['Id']}")
    name = call.params.get("Name", "")
    for each in every(call, "Product"):
        if each.document["Name"] == name:
            return each
    raise missing("Product", name)


def _view(product: Record) -> dict[str, Any]:
    document = product.document
    summary = {
        "Id": f"prodview-{product.name.partition('-')[2]}",
        "ProductId": product.name,
        "Type": document["ProductType"],
        "ShortDescription": document.get("Description"),
        "HasDefaultPath": False,
        **{name: document.get(name) for name in _DESCRIPTION if name != "Description"},
    }
    view = {
        "ProductViewSummary": {name: value for name, value in summary.items() if value is not None},
        "Status": "AVAILABLE",
        "ProductARN": product.arn,
        "CreatedTime": pages.moment(product.created),
    }
    if "SourceConnection" in document:
        view["SourceConnection"] = document["SourceConnection"]
    return view


def _add_artifact(call: Call, product: Record, params: dict[str, Any]) -> Record:
    names = ("Name", "Description", "Type", "Info")
    document = {"Active": True, "Guidance": "DEFAULT", **{name: params.get(name) for name in names}}
    resource = f"artifact/{product.name}/{unused_id(call, 'pa')}"
    return add(call, "Artifact", resource, document, parent=product.arn)


def _artifacts(call: Call, product: Record) -> list[Record]:
    return list(every(call, "Artifact", product.arn))


def artifact_of(call: Call) -> Record:
    """The version that a call names, by id or by name."""
    params = call.params
    if "ProvisioningArtifactId" in params and "ProductId" in params:
        resource = f"artifact/{params['ProductId']}/{params['ProvisioningArtifactId']}"
        return part(call, "Artifact", resource)
    wanted = params.get("ProvisioningArtifactId") or params.get("ProvisioningArtifactName", "")
    product = params.get("ProductId") or params.get("ProductName", "")
    for each in every(call, "Product"):
        if product in {each.name, each.document["Name"]}:
            for found in _artifacts(call, each):
                if wanted in {found.name, found.document.get("Name")}:
                    return found
    raise missing("ProvisioningArtifact", wanted)


def _artifact_detail(artifact: Record) -> dict[str, Any]:
    document = {name: value for name, value in artifact.document.items() if name != "Info"}
    return {"Id": artifact.name, "CreatedTime": pages.moment(artifact.created), **document}


def _artifact_summary(artifact: Record) -> dict[str, Any]:
    kept = ("Id", "Name", "Description", "CreatedTime")
    told = _artifact_detail(artifact)
    return {
        **{name: told[name] for name in kept if name in told},
        "ProvisioningArtifactMetadata": artifact.document.get("Info", {}),
    }


def _artifact_answer(artifact: Record) -> dict[str, Any]:
    info = dict(artifact.document.get("Info", {}))
    if "LoadTemplateFromURL" in info:  # what went in under this name comes out under the other
        info["TemplateUrl"] = info.pop("LoadTemplateFromURL")
    return {"ProvisioningArtifactDetail": _artifact_detail(artifact), "Info": info, "Status": "AVAILABLE"}


def _check_template(call: Call, params: dict[str, Any]) -> None:
    """The template that an artifact names is there and has resources."""
    address = params.get("Info", {}).get("LoadTemplateFromURL")
    if params.get("DisableTemplateValidation") or address is None:
        return
    parts = urlsplit(address)
    host = _HOST.match(parts.hostname or "")
    bucket, key = (host.group("bucket") if host else None), unquote(parts.path.lstrip("/"))
    if not bucket:
        bucket, _, key = key.partition("/")
    try:
        content = call.domain.objects.local.read(call.caller.acting, bucket, key)
        template = _parse(content)
    except (DomainError, yaml.YAMLError, ValueError) as error:
        raise DomainError(
            f"Could not read the template {address}: {getattr(error, 'message', error)}",
            code="InvalidParametersException",
            status=400,
        ) from error
    if not isinstance(template, dict) or not isinstance(template.get("Resources"), dict):
        raise DomainError(
            f"The template {address} has no Resources.", code="InvalidParametersException", status=400
        )


def _parse(content: bytes) -> Any:
    """YAML with CloudFormation's short functions (``!Ref``), whose values do not matter here."""

    class Loader(yaml.SafeLoader):
        """Reads any tag as nothing."""

    Loader.add_multi_constructor("!", lambda _loader, _suffix, _node: None)
    return yaml.load(content, Loader=Loader)  # noqa: S506 - a SafeLoader
