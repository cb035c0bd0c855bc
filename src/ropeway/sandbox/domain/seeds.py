"""The accounts that every sandbox has, each with two IAM roles to work with.

The roles are made when an account first uses a service that knows roles, so a server that nobody asks for them
starts without moto. A role that somebody made before, or changed, stays as it is.
"""

from __future__ import annotations

import json
import threading
from types import MappingProxyType

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.ports import Peers

__all__ = ["ACCOUNTS", "ADMIN_ROLE", "EXECUTION_ROLE", "Seeds"]

ACCOUNTS = MappingProxyType(
    {
        "111111111111": "dev",
        "222222222222": "preprod",
        "333333333333": "prod",
        "444444444444": "operations",
    }
)
EXECUTION_ROLE = "RopewayExecutionRole"
ADMIN_ROLE = "RopewayAdmin"

_SERVICES = ("sagemaker", "lambda", "events", "states", "scheduler")
_KNOWS_ROLES = frozenset({"iam", "stepfunctions", *_SERVICES})


class Seeds:
    """Makes the default roles, once per account and run of the server."""

    def __init__(self, peers: Peers) -> None:
        self._peers = peers
        self._lock = threading.Lock()
        self._done: set[str] = set()

    def ensure(self, service: str, account: str) -> None:
        """Make the account's roles if this is the first call of it to a service that knows roles."""
        if service not in _KNOWS_ROLES or account not in ACCOUNTS or account in self._done:
            return
        with self._lock:
            if account not in self._done:
                services = {"Service": [f"{name}.amazonaws.com" for name in _SERVICES]}
                everybody = {"AWS": [f"arn:aws:iam::{each}:root" for each in ACCOUNTS]}
                self._role(account, EXECUTION_ROLE, services, "AmazonSageMakerFullAccess")
                self._role(account, ADMIN_ROLE, everybody, "AdministratorAccess")
                self._done.add(account)

    def _role(self, account: str, name: str, principal: dict[str, list[str]], policy: str) -> None:
        trust = {
            "Version": "2012-10-17",
            "Statement": [{"Effect": "Allow", "Principal": principal, "Action": "sts:AssumeRole"}],
        }
        wanted = {
            "RoleName": name,
            "AssumeRolePolicyDocument": json.dumps(trust),
            "Description": f"Made by the sandbox for its account {ACCOUNTS[account]}",
        }
        attached = {"RoleName": name, "PolicyArn": f"arn:aws:iam::aws:policy/{policy}"}
        try:
            self._peers.call("iam", "CreateRole", wanted, account=account, region="us-east-1")
        except DomainError as error:
            if error.code != "EntityAlreadyExists":
                raise
            return
        self._peers.call("iam", "AttachRolePolicy", attached, account=account, region="us-east-1")
