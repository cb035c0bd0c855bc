"""What the sandbox remembers of its own services' answers."""

from __future__ import annotations

from typing import Any

import pytest

from ropeway.sandbox.domain.errors import DomainError, NotFound
from ropeway.sandbox.edge.memory import Memory

PLACE = ("edge", "111111111111", "eu-west-1")
ROLE = ("iam", "GetRole", {"RoleName": "r"})


class Service:
    """Answers with how often it was asked, or fails."""

    def __init__(self, error: DomainError | None = None) -> None:
        self.asked = 0
        self.error = error

    def __call__(self) -> dict[str, Any]:
        self.asked += 1
        if self.error is not None:
            raise self.error
        return {"Asked": {"times": self.asked}}


def test_an_answer_holds_until_its_service_changes() -> None:
    memory, service = Memory(), Service()
    for _ in range(3):
        assert memory.recall(PLACE, ROLE, service) == {"Asked": {"times": 1}}
    for service_name, operation in (("sqs", "SetQueueAttributes"), ("iam", "GetRole"), ("iam", "ListRoles")):
        memory.changed(service_name, operation)
    assert memory.recall(PLACE, ROLE, service) == {"Asked": {"times": 1}}
    memory.changed("iam", "PutRolePolicy")
    assert memory.recall(PLACE, ROLE, service) == {"Asked": {"times": 2}}


def test_traffic_is_no_change_and_settings_are() -> None:
    memory, service = Memory(), Service()
    wanted = ("sqs", "GetQueueAttributes", {"QueueUrl": "q", "AttributeNames": ["Policy"]})
    memory.recall(PLACE, wanted, service)
    for operation in ("SendMessage", "SendMessageBatch", "ReceiveMessage", "DeleteMessage", "PurgeQueue"):
        memory.changed("sqs", operation)
    memory.recall(PLACE, wanted, service)
    assert service.asked == 1
    for number, operation in enumerate(("SetQueueAttributes", "DeleteQueue", "AddPermission"), start=2):
        memory.changed("sqs", operation)
        memory.recall(PLACE, wanted, service)
        assert service.asked == number


def test_what_traffic_changes_is_asked_every_time() -> None:
    memory, service = Memory(), Service()
    for names in (["All"], ["ApproximateNumberOfMessages"]):
        wanted = ("sqs", "GetQueueAttributes", {"QueueUrl": "q", "AttributeNames": names})
        memory.recall(PLACE, wanted, service)
    memory.recall(PLACE, ("sqs", "GetQueueAttributes", {"QueueUrl": "q"}), service)
    memory.recall(PLACE, ("sqs", "SendMessage", {}), service)
    memory.recall(PLACE, ("sqs", "SendMessage", {}), service)
    assert service.asked == 5


def test_who_asks_and_what_for_is_told_apart() -> None:
    memory, service = Memory(), Service()
    memory.recall(PLACE, ROLE, service)
    memory.recall(("moto", *PLACE[1:]), ROLE, service)
    memory.recall(("edge", "222222222222", "eu-west-1"), ROLE, service)
    memory.recall(PLACE, ("iam", "GetRole", {"RoleName": "other"}), service)
    assert service.asked == 4


def test_a_change_while_it_asks_spoils_the_answer() -> None:
    memory, service = Memory(), Service()

    def changed_meanwhile() -> dict[str, Any]:
        answer = service()
        memory.changed("iam", "DeleteRole")
        return answer

    memory.recall(PLACE, ROLE, changed_meanwhile)
    assert memory.recall(PLACE, ROLE, service) == {"Asked": {"times": 2}}


def test_what_is_missing_is_remembered_and_a_fault_is_not() -> None:
    memory, missing = Memory(), Service(NotFound("no", code="NoSuchEntity", status=404))
    for _ in range(2):
        with pytest.raises(DomainError, match="no") as caught:
            memory.recall(PLACE, ROLE, missing)
        assert (caught.value.code, caught.value.status, missing.asked) == ("NoSuchEntity", 404, 1)
    fault, other = Service(DomainError("down", status=503)), ("iam", "GetRole", {"RoleName": "other"})
    for _ in range(2):
        with pytest.raises(DomainError, match="down"):
            memory.recall(PLACE, other, fault)
    assert fault.asked == 2


def test_nobody_can_spoil_what_is_remembered() -> None:
    memory, service = Memory(), Service()
    memory.recall(PLACE, ROLE, service)["Asked"]["times"] = 99
    assert memory.recall(PLACE, ROLE, service) == {"Asked": {"times": 1}}
