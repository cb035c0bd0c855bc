"""Who calls what, as IAM names it: an edge that notes each call of a role before it is answered.

IAM's action is mostly the operation's name; where it is not, the Service Authorization Reference says what it is.
"""

from __future__ import annotations

import contextlib
import threading
from typing import Any

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.edge import codec
from ropeway.sandbox.edge.chain import OWNED, Edge
from ropeway.sandbox.edge.names import name_operation
from ropeway.sandbox.edge.route import identify
from ropeway.sandbox.operations import service_models
from ropeway.sandbox.operations.wire import Request, Response

__all__ = ["Recorder", "action_of"]

_SERVICES = {
    "stepfunctions": "states",
    "service-quotas": "servicequotas",
    "monitoring": "cloudwatch",
    "tagging": "tag",
    "resourcegroupstaggingapi": "tag",
    "efs": "elasticfilesystem",
}
_S3 = {
    "CompleteMultipartUpload": "PutObject",
    "CopyObject": "PutObject",
    "CreateMultipartUpload": "PutObject",
    "DeleteBucketEncryption": "PutEncryptionConfiguration",
    "DeleteBucketLifecycle": "PutLifecycleConfiguration",
    "DeleteBucketOwnershipControls": "PutBucketOwnershipControls",
    "DeleteBucketTagging": "PutBucketTagging",
    "DeleteObjects": "DeleteObject",
    "DeletePublicAccessBlock": "PutBucketPublicAccessBlock",
    "GetBucketAccelerateConfiguration": "GetAccelerateConfiguration",
    "GetBucketEncryption": "GetEncryptionConfiguration",
    "GetBucketLifecycleConfiguration": "GetLifecycleConfiguration",
    "GetBucketNotificationConfiguration": "GetBucketNotification",
    "GetBucketReplication": "GetReplicationConfiguration",
    "GetObjectLockConfiguration": "GetBucketObjectLockConfiguration",
    "GetPublicAccessBlock": "GetBucketPublicAccessBlock",
    "HeadBucket": "ListBucket",
    "HeadObject": "GetObject",
    "ListBuckets": "ListAllMyBuckets",
    "ListMultipartUploads": "ListBucketMultipartUploads",
    "ListObjectVersions": "ListBucketVersions",
    "ListObjects": "ListBucket",
    "ListObjectsV2": "ListBucket",
    "PutBucketEncryption": "PutEncryptionConfiguration",
    "PutBucketLifecycleConfiguration": "PutLifecycleConfiguration",
    "PutBucketNotificationConfiguration": "PutBucketNotification",
    "PutPublicAccessBlock": "PutBucketPublicAccessBlock",
    "UploadPart": "PutObject",
}
_OTHER = {
    "budgets:CreateBudget": "budgets:ModifyBudget",
    "budgets:CreateNotification": "budgets:ModifyBudget",
    "budgets:CreateSubscriber": "budgets:ModifyBudget",
    "budgets:DeleteBudget": "budgets:ModifyBudget",
    "budgets:DeleteNotification": "budgets:ModifyBudget",
    "budgets:DescribeBudget": "budgets:ViewBudget",
    "budgets:DescribeNotificationsForBudget": "budgets:ViewBudget",
    "budgets:DescribeSubscribersForNotification": "budgets:ViewBudget",
    "budgets:UpdateBudget": "budgets:ModifyBudget",
    "elasticfilesystem:GET /2015-02-01/file-systems": "elasticfilesystem:DescribeFileSystems",
    "lambda:Invoke": "lambda:InvokeFunction",
}
# Anybody may.
_FREE = {"sts:GetCallerIdentity"}


def action_of(service: str, operation: str) -> str | None:
    """The action that IAM checks for an operation; None where it checks none."""
    name = _S3.get(operation, operation) if service == "s3" else operation
    action = f"{_SERVICES.get(service, service)}:{name}"
    return None if action in _FREE else _OTHER.get(action, action)


class Recorder:
    """An edge that notes what roles call, by the role's name."""

    def __init__(self, edge: Edge) -> None:
        self._edge = edge
        self._seen: set[tuple[str, str]] = set()
        self._lock = threading.Lock()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._edge, name)

    def handle(self, request: Request) -> Response:
        """Note the call, and have it answered."""
        with contextlib.suppress(DomainError):  # which the edge answers
            self._note(request)
        return self._edge.handle(request)

    def _note(self, request: Request) -> None:
        route = identify(request)
        role = self._edge.domain.sessions.caller(route.scope.access_key).role_arn
        if role is None:
            return
        operation = route.operation
        if not operation and route.service in OWNED:
            wire = codec.for_protocol(OWNED[route.service])
            operation = wire.operation_of(service_models.service_model(route.service), request)
        action = action_of(route.service, operation or name_operation(route.service, operation, request))
        if action:
            with self._lock:
                self._seen.add((role.rpartition("/")[2], action))

    def actions(self, word: str) -> set[str]:
        """What roles whose names end in a word called."""
        return {action for role, action in self._seen if role.endswith(word)}
