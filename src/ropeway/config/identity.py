"""How CI proves who it is: the forge's tokens, whom they are for, and what they say of a job.

A token of GitHub names the job's repository and environment, one of GitLab the repository and branch. Jenkins has none
that AWS trusts, and the sandbox's forge neither: there a principal of AWS acts.
"""

from __future__ import annotations

from ropeway.config.model import Forge, Platform

__all__ = ["issuer", "signs_in_by_token", "subject"]


def signs_in_by_token(platform: Platform) -> bool:
    """Whether CI has tokens that AWS trusts."""
    return platform.ci != "jenkins" and platform.forge.kind != "sandbox"


def issuer(forge: Forge) -> tuple[str, str]:
    """Who issues the forge's tokens, without ``https://``, and for whom."""
    if forge.kind == "gitlab":
        host = forge.host or "gitlab.com"
        return host, f"https://{host}"
    own = f"{forge.host}/_services/token" if forge.host else "token.actions.githubusercontent.com"
    return own, "sts.amazonaws.com"


def subject(forge: Forge, repository: str, deployment: str) -> str:
    """What the token of a job that may change an environment says, letter by letter.

    Args:
        forge: the forge.
        repository: ``ORGANIZATION/NAME``.
        deployment: what the forge calls the environment.
    """
    if forge.kind == "gitlab":
        return f"project_path:{repository}:ref_type:branch:ref:{forge.branch}"
    return f"repo:{repository}:environment:{deployment}"
