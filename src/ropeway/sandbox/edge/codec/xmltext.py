"""Text as XML may hold it: what would be markup is escaped, what XML 1.0 has no way to write becomes U+FFFD."""

from __future__ import annotations

import re
from xml.sax.saxutils import escape

__all__ = ["xml_text"]

_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def xml_text(value: str) -> str:
    """A text between two tags; quotation marks and carriage returns come back as they were too."""
    return escape(_FORBIDDEN.sub("\ufffd", value), {"\r": "&#13;", '"': "&quot;"})
