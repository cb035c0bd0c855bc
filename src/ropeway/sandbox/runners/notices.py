"""What leaves the sandbox for a topic's HTTP subscribers: signed messages, to addresses of this machine only."""

from __future__ import annotations

import base64
import ipaddress
import threading
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from ropeway.sandbox.domain.errors import DomainError

__all__ = ["KeySigner", "LoopbackPost", "NoRedirects", "on_loopback"]

_SECONDS = 15
_SIGNED = {
    "Notification": ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    "SubscriptionConfirmation": (
        "Message",
        "MessageId",
        "SubscribeURL",
        "Timestamp",
        "Token",
        "TopicArn",
        "Type",
    ),
}


class LoopbackPost:
    """Implements ``domain.topics.ports.Post``."""

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> None:
        """Send a message to an address on loopback."""
        host = urlsplit(url).hostname or ""
        if not on_loopback(host):
            raise DomainError(
                f"the sandbox sends to addresses of this machine only, not to {host}", status=400
            )
        request = urllib.request.Request(url, data=body, headers=dict(headers), method="POST")  # noqa: S310
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), NoRedirects())
        try:
            with opener.open(request, timeout=_SECONDS) as answer:
                answer.read()
        except (OSError, ValueError) as error:
            raise DomainError(f"{url}: {error}", status=503) from error


class KeySigner:
    """Implements ``domain.topics.ports.Signer`` by a key that is made at the first message.

    Args:
        folder: where key and certificate are kept.
        endpoint: the sandbox's address, which shows the certificate.
    """

    def __init__(self, folder: Path, endpoint: str) -> None:
        self._folder = folder
        self._endpoint = endpoint
        self._lock = threading.Lock()
        self._key: Any = None

    def sign(self, document: Mapping[str, Any], version: str) -> Mapping[str, str]:
        """Sign what AWS signs of a message, with RSA (version 1: SHA-1, version 2: SHA-256)."""
        from cryptography.hazmat.primitives import hashes  # noqa: PLC0415 - a slow import
        from cryptography.hazmat.primitives.asymmetric import padding  # noqa: PLC0415

        text = "".join(
            f"{name}\n{document[name]}\n"
            for name in _SIGNED[document["Type"]]
            if document.get(name) is not None
        )
        key = self._ready()
        digest = hashes.SHA256() if version == "2" else hashes.SHA1()  # noqa: S303 - what AWS's version 1 is
        signature = key.sign(text.encode(), padding.PKCS1v15(), digest)
        return {
            "SignatureVersion": version,
            "Signature": base64.b64encode(signature).decode(),
            "SigningCertURL": f"{self._endpoint}/_sandbox/sns/certificate.pem",
        }

    def certificate(self) -> bytes:
        """The certificate."""
        self._ready()
        return (self._folder / "certificate.pem").read_bytes()

    def _ready(self) -> Any:
        from cryptography.hazmat.primitives import serialization  # noqa: PLC0415

        with self._lock:
            if self._key is None:
                file = self._folder / "key.pem"
                if not file.exists() or not (self._folder / "certificate.pem").exists():
                    _make(self._folder)
                self._key = serialization.load_pem_private_key(file.read_bytes(), password=None)
        return self._key


def _make(folder: Path) -> None:
    from cryptography import x509  # noqa: PLC0415
    from cryptography.hazmat.primitives import hashes, serialization  # noqa: PLC0415
    from cryptography.hazmat.primitives.asymmetric import rsa  # noqa: PLC0415
    from cryptography.x509.oid import NameOID  # noqa: PLC0415

    folder.mkdir(parents=True, exist_ok=True)
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "sns.amazonaws.com")])
    now = datetime.now(tz=timezone.utc)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=3650))
        .sign(key, hashes.SHA256())
    )
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    file = folder / "key.pem"
    file.touch(mode=0o600)
    file.write_bytes(private)
    (folder / "certificate.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))


class NoRedirects(urllib.request.HTTPRedirectHandler):
    """Follows no redirections."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        """A redirection would lead away from this machine: it is an error, as for SNS."""


def on_loopback(host: str) -> bool:
    """Whether a host is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
