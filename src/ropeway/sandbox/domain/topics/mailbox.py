"""The mailbox: what the sandbox would have mailed."""

from __future__ import annotations

from collections.abc import Sequence

from ropeway.sandbox.domain.topics.model import Mail
from ropeway.sandbox.domain.topics.ports import MailStore

__all__ = ["Mailbox"]


class Mailbox:
    """Mails of all accounts."""

    def __init__(self, store: MailStore) -> None:
        self._store = store

    def list(self, receiver: str | None = None) -> Sequence[Mail]:
        """Mails, oldest first; of one receiver where one is named."""
        return [mail for mail in self._store.all() if receiver in {None, mail.receiver}]

    def clear(self) -> int:
        """Empty it; how many mails there were."""
        return self._store.clear()
