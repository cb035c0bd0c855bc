"""KMS keys in memory."""

from __future__ import annotations

from ropeway.sandbox.domain.keys.model import Key


class FakeKeys:
    """Keys by id and alias; implements ``KeyRecords``."""

    def __init__(self, *keys: Key) -> None:
        self.keys = keys

    def key(self, account: str, region: str, ref: str) -> Key | None:
        for key in self.keys:
            if (key.account, key.region) == (account, region) and (ref == key.id or ref in key.aliases):
                return key
        return None

    def key_of(self, ciphertext: bytes) -> Key | None:
        return next((key for key in self.keys if ciphertext.startswith(key.id.encode())), None)
