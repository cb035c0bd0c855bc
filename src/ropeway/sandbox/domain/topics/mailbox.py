"""The mailbox: what the sandbox would have mailed."""

from __future__ import annotations

from collections.abc import Sequence

from ropeway.sandbox.domain.errors import Invalid
from ropeway.sandbox.domain.topics.model import Mail
from ropeway.sandbox.domain.topics.ports import TopicStore

__all__ = ["Mailbox"]


class Mailbox:
    """Mails of all accounts."""

    def __init__(self, store: TopicStore) -> None:
        self._store = store

    def list(self, receiver: str | None = None) -> Sequence[Mail]:
        """Mails, oldest first; of one receiver where one is named."""
        return [mail for mail in self._store.mails() if receiver in {None, mail.receiver}]

    def get(self, number: int) -> Mail:
        """One mail.

        Raises:
            Invalid: there is none.
        """
        for mail in self._store.mails():
            if mail.number == number:
                return mail
        raise Invalid(f"there is no mail {number}")

    def clear(self) -> int:
        """Empty it; how many mails there were."""
        return self._store.drop_mails()
