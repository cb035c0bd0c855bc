"""A project's repository is made once, and never at the cost of somebody else's."""

from __future__ import annotations

from typing import Any

import pytest

from ropeway.functions.create_project import outcome, read, run
from ropeway.functions.forges import Answer, ForgeError
from tests.unit.functions.forge import Recorder

STACK = "arn:aws:cloudformation:eu-west-1:111111111111:stack/SC-1/abcd"
MARK = "made from model-training for abcd"
PROPERTIES = {
    "REPO_NAME": "churn",
    "TEMPLATE_REPO": "model-training",
    "ORGANIZATION": "acme-ml",
    "GIT_USER": "kim",
    "VAR_AWS_REGION": "eu-west-1",
    "ENVIRONMENTS": "dev,preprod,prod",
    "ServiceToken": "arn:aws:lambda:eu-west-1:111111111111:function:x",
}
REPOSITORY, BRANCH = "GET /repos/acme-ml/churn", "GET /repos/acme-ml/churn/branches/main"
USER = {"GET /users/kim": (200, {"id": 7})}


def event(kind: str = "Create", **changes: str) -> dict[str, Any]:
    return {
        "RequestType": kind,
        "StackId": STACK,
        "PhysicalResourceId": "acme-ml/churn",
        "ResourceProperties": {**PROPERTIES, **changes},
    }


def never() -> None:
    raise AssertionError("nothing to wait for")


def test_a_repository_is_made_from_its_template_with_variables_maintainer_and_environments() -> None:
    send = Recorder({**USER, BRANCH: (200, {})})
    assert run(event(), send.github(), wait=never) == "acme-ml/churn"
    assert send.calls() == [
        "POST /repos/acme-ml/model-training/generate",
        "POST /repos/acme-ml/churn/actions/variables",
        "PUT /repos/acme-ml/churn/collaborators/kim",
        "PUT /repos/acme-ml/churn/environments/dev",
        "PUT /repos/acme-ml/churn/environments/preprod",
        "PUT /repos/acme-ml/churn/environments/prod",
    ]
    bodies = dict(send.asked)
    assert bodies["POST /repos/acme-ml/model-training/generate"]["private"]
    assert bodies["PUT /repos/acme-ml/churn/collaborators/kim"] == {"permission": "maintain"}
    assert bodies["PUT /repos/acme-ml/churn/environments/dev"]["reviewers"] == []
    for environment in ("preprod", "prod"):
        reviewers = bodies[f"PUT /repos/acme-ml/churn/environments/{environment}"]["reviewers"]
        assert reviewers == [{"type": "User", "id": 7}]


def test_it_waits_until_the_forge_has_filled_the_repository() -> None:
    send = Recorder(USER)
    waited = []

    def wait() -> None:
        waited.append(1)
        if len(waited) == 3:
            send.answers[BRANCH] = (200, {})

    run(event(), send.github(), wait=wait)
    assert len(waited) == 3
    with pytest.raises(ForgeError, match="stayed empty"):
        run(event(), Recorder(USER).github(), wait=lambda: None)


def test_an_update_changes_what_is_there() -> None:
    send = Recorder(
        {
            **USER,
            REPOSITORY: (200, {"description": MARK}),
            BRANCH: (200, {}),
            "POST /repos/acme-ml/churn/actions/variables": (409, {}),
        }
    )
    assert run(event("Update"), send.github(), wait=never) == "acme-ml/churn"
    assert "PATCH /repos/acme-ml/churn/actions/variables/AWS_REGION" in send.calls()
    assert "POST /repos/acme-ml/model-training/generate" not in send.calls()


def test_somebody_elses_repository_is_left_alone() -> None:
    send = Recorder({REPOSITORY: (200, {"description": "our website", "archived": False})})
    with pytest.raises(ForgeError, match="is there already, and is not of this project"):
        run(event(), send.github(), wait=never)
    run(event("Delete"), send.github(), wait=never)
    assert send.calls() == []


def test_deleting_archives_and_does_so_once() -> None:
    send = Recorder({REPOSITORY: (200, {"description": MARK, "archived": False})})
    run(event("Delete"), send.github(), wait=never)
    assert dict(send.asked)["PATCH /repos/acme-ml/churn"] == {"archived": True}
    for gone in (Recorder(), Recorder({REPOSITORY: (200, {"description": MARK, "archived": True})})):
        run(event("Delete"), gone.github(), wait=never)
        assert gone.calls() == []


def test_what_was_never_made_is_not_deleted() -> None:
    send = Recorder()
    unmade = {**event("Delete"), "PhysicalResourceId": "not-made:Repository"}
    assert run(unmade, send.github(), wait=never) == "not-made:Repository"
    assert send.asked == []


def test_a_wrong_user_or_template_fails_the_project() -> None:
    with pytest.raises(ForgeError, match="there is no user kim"):
        run(event(), Recorder({BRANCH: (200, {})}).github(), wait=never)
    template: dict[str, Answer] = {"POST /repos/acme-ml/model-training/generate": (404, {})}
    with pytest.raises(ForgeError, match="no template repository acme-ml/model-training"):
        run(event(), Recorder(template).github(), wait=never)


def test_secrets_are_refused_and_properties_are_needed() -> None:
    with pytest.raises(ValueError, match=r"make SECRET_X VAR_"):
        read(event(SECRET_X="1"))
    with pytest.raises(ValueError, match="lacks REPO_NAME"):
        read(event(REPO_NAME=""))


def test_cloudformation_is_told_how_it_ended() -> None:
    asked = {**event(), "RequestId": "r", "LogicalResourceId": "Repository"}
    assert outcome(asked, lambda: "acme-ml/churn") == {
        "StackId": STACK,
        "RequestId": "r",
        "LogicalResourceId": "Repository",
        "Status": "SUCCESS",
        "PhysicalResourceId": "acme-ml/churn",
        "Data": {"Repository": "acme-ml/churn"},
    }
    del asked["PhysicalResourceId"]

    def fail() -> str:
        raise ForgeError("there is no user kim on the forge")

    told = outcome(asked, fail)
    assert told["Status"] == "FAILED"
    assert told["Reason"] == "there is no user kim on the forge"
    assert told["PhysicalResourceId"] == "not-made:Repository"
