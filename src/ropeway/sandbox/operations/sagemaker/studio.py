"""Studio: domains, user profiles, spaces, apps, lifecycle configurations, and code repositories.

They are kept as described, so that infrastructure code can be tried; there is no Studio to open, and asking for its
address is refused.
"""

from __future__ import annotations

from typing import Any

from ropeway.sandbox.domain.errors import Invalid, NotThere
from ropeway.sandbox.domain.records.ports import Record
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.described import Kind, Members, find, register
from ropeway.sandbox.operations.registry import operation

__all__ = ["KINDS"]


def _domain(call: Call, document: Members) -> dict[str, Any]:
    token = call.domain.records.ids.token(12)
    made = {
        "DomainId": f"d-{token}",
        "HomeEfsFileSystemId": f"fs-{call.domain.records.ids.token(8)}",
        "Url": f"https://d-{token}.studio.{call.region}.sagemaker.aws",
        "AppNetworkAccessType": document.get("AppNetworkAccessType", "PublicInternetOnly"),
        "TagPropagation": document.get("TagPropagation", "DISABLED"),
    }
    if made["AppNetworkAccessType"] == "VpcOnly":
        made["SecurityGroupIdForDomainBoundary"] = f"sg-{call.domain.records.ids.token(17)}"
    return made


def _profile(call: Call, _document: Members) -> dict[str, Any]:
    return {"HomeEfsFileSystemUid": str(200_000 + int(call.domain.records.ids.uuid()[:4], 16))}


def _in_service(_record: Record) -> dict[str, Any]:
    return {"Status": "InService"}


def _app(members: Members) -> dict[str, Any]:
    """An app lives in a profile or in a space, which its caller names one of."""
    profile, space = members.get("UserProfileName"), members.get("SpaceName")
    if bool(profile) == bool(space):
        raise Invalid("Exactly one of UserProfileName and SpaceName must be given.")
    owner = (
        f"user-profile/{members['DomainId']}/{profile}" if profile else f"space/{members['DomainId']}/{space}"
    )
    return {**members, "Owner": owner, "OwnerName": profile or space}


DOMAIN = Kind(
    noun="Domain",
    resource="domain/{DomainId}",
    name="DomainName",
    missing=("ResourceNotFound", "Domain [{DomainId}] does not exist."),
    children=("UserProfile", "Space"),
    list_member=("Domains", "Domains"),
    made=_domain,
    told=_in_service,
    renamed={"DomainSettingsForUpdate": "DomainSettings"},
)
PROFILE = Kind(
    noun="UserProfile",
    resource="user-profile/{DomainId}/{UserProfileName}",
    name="UserProfileName",
    missing=("ResourceNotFound", "UserProfile [{UserProfileName}] does not exist."),
    parent="domain/{DomainId}",
    children=("App",),
    list_member=("UserProfiles", "UserProfiles"),
    filters={"DomainIdEquals": "DomainId"},
    made=_profile,
    told=_in_service,
)
SPACE = Kind(
    noun="Space",
    resource="space/{DomainId}/{SpaceName}",
    name="SpaceName",
    missing=("ResourceNotFound", "Space [{SpaceName}] does not exist."),
    parent="domain/{DomainId}",
    children=("App",),
    list_member=("Spaces", "Spaces"),
    filters={"DomainIdEquals": "DomainId"},
    made=_profile,
    told=_in_service,
)
KINDS = (
    DOMAIN,
    PROFILE,
    SPACE,
    Kind(
        noun="App",
        resource="app/{DomainId}/{OwnerName}/{AppType}/{AppName}",
        name="AppName",
        missing=("ResourceNotFound", "App [{AppName}] does not exist."),
        parent="{Owner}",
        list_member=("Apps", "Apps"),
        filters={
            "DomainIdEquals": "DomainId",
            "UserProfileNameEquals": "UserProfileName",
            "SpaceNameEquals": "SpaceName",
        },
        told=_in_service,
        derived=_app,
    ),
    Kind(
        noun="StudioLifecycleConfig",
        resource="studio-lifecycle-config/{StudioLifecycleConfigName}",
        name="StudioLifecycleConfigName",
        missing=("ResourceNotFound", "StudioLifecycleConfig [{StudioLifecycleConfigName}] does not exist."),
        list_member=("StudioLifecycleConfigs", "StudioLifecycleConfigs"),
        filters={"AppTypeEquals": "StudioLifecycleConfigAppType"},
    ),
    Kind(
        noun="CodeRepository",
        resource="code-repository/{CodeRepositoryName}",
        name="CodeRepositoryName",
        missing=("ValidationException", "Cannot find CodeRepository: {arn}"),
        list_member=("CodeRepositories", "CodeRepositorySummaryList"),
    ),
)

for _kind in KINDS:
    register(_kind)


@operation("sagemaker", "CreatePresignedDomainUrl")
def create_presigned_domain_url(call: Call) -> dict[str, Any]:
    """Refused: there is no Studio behind the domain."""
    find(call, DOMAIN, call.params)
    find(call, PROFILE, call.params)
    raise NotThere("The sandbox keeps Studio domains as described; there is no Studio to open.")
