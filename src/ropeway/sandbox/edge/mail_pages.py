"""``/_sandbox/mail`` and ``/_sandbox/sns/…``: the mailbox, and what links in messages of topics lead to."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from urllib.parse import parse_qsl, urlsplit

from ropeway.sandbox.domain.errors import Invalid
from ropeway.sandbox.domain.topics.mailbox import Mailbox
from ropeway.sandbox.domain.topics.model import Mail
from ropeway.sandbox.domain.topics.ports import Signer
from ropeway.sandbox.domain.topics.subscriptions import Subscriptions
from ropeway.sandbox.operations.wire import Request, Response

__all__ = ["MailPages"]


@dataclass(frozen=True)
class MailPages:
    """The mailbox's pages."""

    mailbox: Mailbox
    subscriptions: Subscriptions
    signer: Signer

    def handle(self, request: Request, page: str) -> Response:
        """Answer a page.

        Raises:
            DomainError: there is no such page, mail, or token.
        """
        query = dict(request.query)
        if page == "mail" and request.method == "GET":
            mails = self.mailbox.list(query.get("to"))
            return _json({"mails": [{**asdict(mail), "waits": self._waits(mail)} for mail in mails]})
        if page == "mail" and request.method == "DELETE":
            return _json({"cleared": self.mailbox.clear()})
        if page == "sns/confirm":
            found = self.subscriptions.confirm(query.get("TopicArn", ""), query.get("Token", ""))
            return _json({"SubscriptionArn": found.arn})
        if page == "sns/unsubscribe":
            self.subscriptions.unsubscribe(query.get("SubscriptionArn", ""))
            return _json({"unsubscribed": query.get("SubscriptionArn", "")})
        if page == "sns/certificate.pem":
            return Response(200, [("Content-Type", "application/x-pem-file")], self.signer.certificate())
        raise Invalid(f"there is no page {request.method} {page}")

    def _waits(self, mail: Mail) -> bool:
        """Whether a mail asks for a confirmation that has not come."""
        asked = dict(parse_qsl(urlsplit(mail.link).query))
        return bool(mail.link) and self.subscriptions.waits(asked.get("TopicArn", ""), asked.get("Token", ""))


def _json(document: object, status: int = 200) -> Response:
    return Response(status, [("Content-Type", "application/json")], json.dumps(document).encode())
