"""AssumeRole and its web-identity form, GetCallerIdentity, GetSessionToken, GetAccessKeyInfo.

A role is assumed whether or not IAM knows it, and its trust policy is not evaluated: the sandbox separates
accounts, it does not yet enforce IAM.
"""

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.sessions import Session
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.registry import operation

__all__: list[str] = []


@operation("sts", "AssumeRole")
def assume_role(call: Call) -> dict[str, Any]:
    """Credentials of a role in any account."""
    _require_credentials(call)
    session = call.domain.sessions.assume(
        call.params["RoleArn"], call.params["RoleSessionName"], call.params.get("DurationSeconds", 3600)
    )
    return {"Credentials": _credentials(session), "AssumedRoleUser": _user(session), "PackedPolicySize": 0}


@operation("sts", "AssumeRoleWithWebIdentity")
def assume_role_with_web_identity(call: Call) -> dict[str, Any]:
    """Credentials of a role for the bearer of an OIDC token; the token's signature is not checked."""
    session = call.domain.sessions.assume(
        call.params["RoleArn"], call.params["RoleSessionName"], call.params.get("DurationSeconds", 3600)
    )
    return {
        "Credentials": _credentials(session),
        "AssumedRoleUser": _user(session),
        "SubjectFromWebIdentityToken": session.name,
        "Provider": call.params.get("ProviderId", "sandbox"),
        "Audience": "sts.amazonaws.com",
    }


@operation("sts", "GetSessionToken")
def get_session_token(call: Call) -> dict[str, Any]:
    """Temporary credentials of the caller's account."""
    _require_credentials(call)
    role = call.caller.role_arn or f"arn:aws:iam::{call.account}:role/session"
    return {
        "Credentials": _credentials(
            call.domain.sessions.assume(role, "session", call.params.get("DurationSeconds", 43200))
        )
    }


@operation("sts", "GetCallerIdentity")
def get_caller_identity(call: Call) -> dict[str, Any]:
    """Who signed the request."""
    _require_credentials(call)
    return {"UserId": call.caller.user_id, "Account": call.caller.account, "Arn": call.caller.arn}


@operation("sts", "GetAccessKeyInfo")
def get_access_key_info(call: Call) -> dict[str, Any]:
    """The account that a key belongs to."""
    return {"Account": call.domain.sessions.caller(call.params["AccessKeyId"]).account}


def _require_credentials(call: Call) -> None:
    if call.caller.anonymous:
        raise DomainError(
            "Request is missing Authentication Token", code="MissingAuthenticationToken", status=403
        )


def _credentials(session: Session) -> dict[str, Any]:
    return {
        "AccessKeyId": session.access_key,
        "SecretAccessKey": session.secret_key,
        "SessionToken": session.token,
        "Expiration": datetime.fromtimestamp(session.expires, tz=timezone.utc),
    }


def _user(session: Session) -> dict[str, Any]:
    return {"AssumedRoleId": f"{session.role_id}:{session.name}", "Arn": session.arn}
