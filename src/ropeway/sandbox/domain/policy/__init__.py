"""Resource policies: who may do what with a bucket, a group, a key, by a policy document.

``check`` says whether a document is a policy at all, ``evaluate`` what it decides for one request. The rules
are those of the IAM user guide ("Policy evaluation logic", "IAM JSON policy elements"). Left out: identity
policies with permissions boundaries, session policies and organisation policies, and ``CanonicalUser``
principals, which never match.
"""

from __future__ import annotations

from ropeway.sandbox.domain.policy.check import check, parse
from ropeway.sandbox.domain.policy.evaluate import Decision, evaluate

__all__ = ["Decision", "check", "evaluate", "parse"]
