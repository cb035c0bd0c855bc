"""Creates a project's repository: a custom resource of the CloudFormation templates in the project catalog.

Properties are those of mlops-multi-account-terraform, so that its templates work: ``REPO_NAME``, ``TEMPLATE_REPO``,
``ORGANIZATION``, ``GIT_USER`` and any ``VAR_…``; ``ENVIRONMENTS`` (a list with commas) beside them. The repository is
private, made from the template; its user maintains it and reviews what goes to each environment but the first. The
physical id is the repository's name, so an update is one; deleting archives the repository and never loses code. A
repository that somebody else made is never touched. Secrets of the forge are not written: accounts and roles are
variables, and nothing else is needed where CI signs in by OIDC.
"""

from __future__ import annotations

import json
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

import boto3

from ropeway.functions import forges
from ropeway.functions.forges import ForgeError, GitHub, GitLab

__all__ = ["Project", "handler", "outcome", "read", "run"]

_UNMADE = "not-made:"
_TRIES = 30


@dataclass(frozen=True)
class Project:
    """What is asked for.

    Attributes:
        repository: ``ORGANIZATION/NAME``.
        template: ``ORGANIZATION/NAME`` of the template.
        user: login of who maintains it.
        variables: of its workflows.
        environments: of the forge, in the order of promotion.
        mark: says in the repository's description for whom it was made.
    """

    repository: str
    template: str
    user: str
    variables: dict[str, str]
    environments: tuple[str, ...]
    mark: str


def handler(event: Mapping[str, Any], context: object) -> None:  # noqa: ARG001
    """Lambda's entry: CloudFormation is answered whatever happens, else it would wait for an hour."""

    def work() -> str:
        forge = _github(forges.connect(forges.environ(), boto3.client("secretsmanager")))
        return run(event, forge, wait=lambda: time.sleep(2))

    body = json.dumps(outcome(event, work)).encode()
    request = urllib.request.Request(event["ResponseURL"], body, {"Content-Type": ""}, method="PUT")  # noqa: S310
    with urllib.request.urlopen(request, timeout=20):  # noqa: S310 - the URL is CloudFormation's own
        pass


def outcome(event: Mapping[str, Any], work: Callable[[], str]) -> dict[str, Any]:
    """What CloudFormation is told of some work, which gives the physical id."""
    known = {key: event[key] for key in ("StackId", "RequestId", "LogicalResourceId")}
    try:
        made = work()
    except Exception as error:  # noqa: BLE001 - whatever it is, CloudFormation must be told
        # A repository that was there before is not this resource's: it must not be deleted with it.
        physical = event.get("PhysicalResourceId") or f"{_UNMADE}{event['LogicalResourceId']}"
        return {**known, "Status": "FAILED", "Reason": str(error)[:500], "PhysicalResourceId": physical}
    return {**known, "Status": "SUCCESS", "PhysicalResourceId": made, "Data": {"Repository": made}}


def _github(forge: GitHub | GitLab) -> GitHub:
    if isinstance(forge, GitLab):
        raise ForgeError("projects are made on GitHub only")
    return forge


def read(event: Mapping[str, Any]) -> Project:
    """What an event asks for.

    Raises:
        ValueError: a property is missing, or is a secret.
    """
    given = {key: str(value) for key, value in event["ResourceProperties"].items()}
    missing = [key for key in ("REPO_NAME", "TEMPLATE_REPO", "ORGANIZATION") if not given.get(key)]
    if missing:
        raise ValueError(f"the custom resource lacks {', '.join(missing)}")
    secrets = [key for key in given if key.startswith("SECRET_")]
    if secrets:
        raise ValueError(f"secrets of a repository are not written: make {', '.join(secrets)} VAR_…")
    organization = given["ORGANIZATION"]
    return Project(
        repository=f"{organization}/{given['REPO_NAME']}",
        template=f"{organization}/{given['TEMPLATE_REPO']}",
        user=given.get("GIT_USER", ""),
        variables={key.removeprefix("VAR_"): text for key, text in given.items() if key.startswith("VAR_")},
        environments=tuple(filter(None, given.get("ENVIRONMENTS", "").split(","))),
        mark=f"made from {given['TEMPLATE_REPO']} for {event['StackId'].rpartition('/')[2]}",
    )


def run(event: Mapping[str, Any], forge: GitHub, *, wait: Callable[[], None]) -> str:
    """Do what CloudFormation asks for.

    Args:
        event: of a custom resource.
        forge: the forge.
        wait: waits a little.

    Returns:
        The physical id: the repository's name.

    Raises:
        ForgeError, ValueError: it cannot be done; the text says why.
    """
    if event["RequestType"] == "Delete":
        physical = str(event["PhysicalResourceId"])
        if not physical.startswith(_UNMADE):
            _archive(forge, physical, str(event["StackId"]).rpartition("/")[2])
        return physical
    project = read(event)
    _repository(forge, project, wait)
    for _ in _settings(forge, project):
        pass
    return project.repository


def _archive(forge: GitHub, repository: str, stack: str) -> None:
    path = f"/repos/{quote(repository)}"
    status, found = forge.ask("GET", path, allow=(404,))
    if status == 404 or found["archived"] or not str(found["description"]).endswith(f"for {stack}"):
        return
    forge.ask("PATCH", path, {"archived": True})


def _repository(forge: GitHub, project: Project, wait: Callable[[], None]) -> None:
    path = f"/repos/{quote(project.repository)}"
    status, found = forge.ask("GET", path, allow=(404,))
    if status != 404 and found["description"] != project.mark:
        raise ForgeError(f"the repository {project.repository} is there already, and is not of this project")
    if status == 404:
        owner, _, name = project.repository.partition("/")
        wanted = {"owner": owner, "name": name, "private": True, "description": project.mark}
        status, _ = forge.ask("POST", f"/repos/{quote(project.template)}/generate", wanted, allow=(404,))
        if status == 404:
            raise ForgeError(f"there is no template repository {project.template}")
    for _ in range(_TRIES):  # GitHub fills it after it has answered
        if forge.ask("GET", f"{path}/branches/main", allow=(404,))[0] != 404:
            return
        wait()
    raise ForgeError(f"the repository {project.repository} stayed empty")


def _settings(forge: GitHub, project: Project) -> Iterator[str]:
    path = f"/repos/{quote(project.repository)}"
    for name, value in project.variables.items():
        body = {"name": name, "value": value}
        status, _ = forge.ask("POST", f"{path}/actions/variables", body, allow=(409,))
        if status == 409:
            forge.ask("PATCH", f"{path}/actions/variables/{quote(name)}", body)
        yield name
    reviewers = []
    if project.user:
        status, user = forge.ask("GET", f"/users/{quote(project.user)}", allow=(404,))
        if status == 404:
            raise ForgeError(f"there is no user {project.user} on the forge")
        forge.ask("PUT", f"{path}/collaborators/{quote(project.user)}", {"permission": "maintain"})
        reviewers = [{"type": "User", "id": user["id"]}]
        yield project.user
    for at, environment in enumerate(project.environments):
        rules: dict[str, Any] = {
            "reviewers": reviewers if at else [],
            "deployment_branch_policy": {"protected_branches": True, "custom_branch_policies": False},
        }
        forge.ask("PUT", f"{path}/environments/{quote(environment)}", rules)
        yield environment
