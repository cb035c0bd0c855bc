"""Client tokens: the same token with the same request is answered again instead of done again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping
from typing import Any

from ropeway.sandbox.domain.errors import Invalid
from ropeway.sandbox.domain.ports import Transactions
from ropeway.sandbox.domain.registry.ports import TokenStore
from ropeway.values.clock import Clock

__all__ = ["Tokens"]


class Tokens:
    """Does things once per client token."""

    def __init__(self, store: TokenStore, transactions: Transactions, clock: Clock) -> None:
        self._store = store
        self._transactions = transactions
        self._clock = clock

    def once(self, scope: str, request: Mapping[str, Any], do: Callable[[], str]) -> str:
        """The ARN that ``do`` gives, or gave when this token was first used.

        Args:
            scope: what tokens are told apart by besides their text: account, region and operation.
            request: the API request; its ``ClientToken`` may be missing.
            do: what to do, in one transaction with the token's record.

        Raises:
            Invalid: the token was used with another request.
        """
        token = request.get("ClientToken")
        if not token:
            with self._transactions.transaction():
                return do()
        digest = _digest(request)
        with self._transactions.transaction():
            known = self._store.get(scope, token)
            if known is None:
                arn = do()
                self._store.put(scope, token, digest, arn, self._clock.now())
                return arn
        if known[0] != digest:
            raise Invalid(f"ClientToken {token} was already used with different parameters.")
        return known[1]


def _digest(request: Mapping[str, Any]) -> str:
    text = json.dumps({key: value for key, value in request.items() if key != "ClientToken"}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
