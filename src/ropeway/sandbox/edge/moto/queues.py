"""moto's queues with many messages in them.

moto looks at the clock several times for every message that waits, at every send, receive and delete, so that a
thousand waiting messages take most of a processor. These subclasses, which moto's registry of backends is told to make
its SQS of, look once. What they answer is the same.
"""

from __future__ import annotations

from typing import Any

from moto.core.utils import unix_time_millis
from moto.sqs import urls
from moto.sqs.exceptions import ReceiptHandleIsInvalid
from moto.sqs.models import Message, Queue, SQSBackend, sqs_backends

__all__ = ["install"]


class QuickQueue(Queue):
    """A queue that looks at the clock once."""

    @property
    def approximate_number_of_messages_delayed(self) -> int:
        """How many wait for their delay to end."""
        now = unix_time_millis()
        return sum(now < message.delayed_until for message in self._messages)

    @property
    def approximate_number_of_messages_not_visible(self) -> int:
        """How many somebody works on."""
        now = unix_time_millis()
        return sum(now <= message.visible_at for message in self._messages)

    @property
    def messages(self) -> list[Message]:
        """Those that can be received."""
        now = unix_time_millis()
        return [each for each in self._messages if now > each.visible_at and now >= each.delayed_until]

    def delete_message(self, receipt_handle: str) -> None:
        """Delete by any handle that a message ever had."""
        if receipt_handle in self.deleted_messages:
            return
        for place, message in enumerate(self._messages):
            if receipt_handle == message.receipt_handle or receipt_handle in message._old_receipt_handles:
                del self._messages[place]
                self.pending_messages.discard(message)
                self.deleted_messages.update(each for each in message.all_receipt_handles if each)
                return
        raise ReceiptHandleIsInvalid


class QuickQueues(SQSBackend):
    """The queues of an account and region."""

    @property
    def _url_module(self) -> Any:
        return urls  # moto would look for them beside this module

    def create_queue(self, name: str, tags: dict[str, str] | None = None, **kwargs: Any) -> Queue:
        """Make a queue, or find it."""
        made = super().create_queue(name, tags, **kwargs)
        if type(made) is Queue:
            made.__class__ = QuickQueue  # type: ignore[type-abstract]
        return made


def install() -> None:
    """Have moto make its queues of these."""
    sqs_backends.backend = QuickQueues
