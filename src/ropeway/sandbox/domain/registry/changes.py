"""What UpdateModelPackage does to a package's document, and what CreateModelPackage may hold."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ropeway.sandbox.domain.errors import Invalid, NotThere

__all__ = ["changed", "check_new", "fields"]

_MOST_PROPERTIES = 50
_REPLACED = (
    "ApprovalDescription",
    "InferenceSpecification",
    "ModelLifeCycle",
    "ModelPackageRegistrationType",
    "SourceUri",
)


def check_new(request: Mapping[str, Any]) -> None:
    """Check a CreateModelPackage request beyond the service model.

    Raises:
        Invalid: members contradict each other.
        NotThere: it asks for what the sandbox does not have.
    """
    versioned = "ModelPackageGroupName" in request
    if versioned == ("ModelPackageName" in request):
        raise Invalid("Exactly one of ModelPackageName and ModelPackageGroupName must be given.")
    if not versioned and "ModelApprovalStatus" in request:
        raise Invalid("ModelApprovalStatus does not apply to an unversioned model package.")
    if "SourceAlgorithmSpecification" in request:
        raise NotThere("The sandbox has no algorithms: SourceAlgorithmSpecification cannot be resolved.")
    if "ValidationSpecification" in request:
        raise NotThere("The sandbox does not validate model packages (ValidationSpecification).")
    if not versioned and "InferenceSpecification" not in request:
        raise Invalid("An unversioned model package must have an InferenceSpecification.")
    if not versioned and "CustomerMetadataProperties" in request:
        raise Invalid("CustomerMetadataProperties do not apply to an unversioned model package.")
    _check_specifications(request.get("AdditionalInferenceSpecifications", []))


def changed(document: Mapping[str, Any], request: Mapping[str, Any]) -> dict[str, Any]:
    """A package's document after an UpdateModelPackage request; approval is not part of the document.

    Raises:
        Invalid: an additional specification's name is taken, or there are too many properties.
    """
    after = {**document, **{name: request[name] for name in _REPLACED if name in request}}
    if "CustomerMetadataProperties" in request or "CustomerMetadataPropertiesToRemove" in request:
        after["CustomerMetadataProperties"] = _properties(document, request)
    if "ModelCard" in request:
        after["ModelCard"] = {**document.get("ModelCard", {}), **request["ModelCard"]}
    added = request.get("AdditionalInferenceSpecificationsToAdd")
    if added:
        specifications = [*document.get("AdditionalInferenceSpecifications", []), *added]
        _check_specifications(specifications)
        after["AdditionalInferenceSpecifications"] = specifications
    return after


def fields(request: Mapping[str, Any]) -> list[str]:
    """What an UpdateModelPackage request changes, as events name it."""
    named = {"CustomerMetadataPropertiesToRemove": "CustomerMetadataProperties"}
    named["AdditionalInferenceSpecificationsToAdd"] = "AdditionalInferenceSpecifications"
    told = [named.get(name, name) for name in request if name not in {"ModelPackageArn", "ClientToken"}]
    return list(dict.fromkeys(told))


def _properties(document: Mapping[str, Any], request: Mapping[str, Any]) -> dict[str, str]:
    removed = set(request.get("CustomerMetadataPropertiesToRemove", ()))
    kept = {
        key: value
        for key, value in document.get("CustomerMetadataProperties", {}).items()
        if key not in removed
    }
    properties = {**kept, **request.get("CustomerMetadataProperties", {})}
    if len(properties) > _MOST_PROPERTIES:
        raise Invalid(f"A model package has at most {_MOST_PROPERTIES} CustomerMetadataProperties.")
    return properties


def _check_specifications(specifications: list[Mapping[str, Any]]) -> None:
    names = [specification["Name"] for specification in specifications]
    if len(set(names)) < len(names):
        raise Invalid("Every additional inference specification needs its own name.")
