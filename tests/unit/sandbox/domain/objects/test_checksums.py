"""Checksums against their published check values (the digits 1 to 9)."""

from __future__ import annotations

import pytest

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.objects.checksums import composite, start, verify


@pytest.mark.parametrize(
    ("algorithm", "check"),
    [("CRC32", "cbf43926"), ("CRC32C", "e3069283"), ("CRC64NVME", "ae8b14860a799888")],
)
def test_a_crc_has_its_check_value(algorithm: str, check: str) -> None:
    running = start(algorithm)
    running.update(b"1234")
    running.update(b"56789")
    assert running.digest().hex() == check


def test_an_unknown_algorithm_is_named() -> None:
    with pytest.raises(DomainError, match="XXHASH3"):
        start("XXHASH3")


def test_a_difference_is_refused() -> None:
    with pytest.raises(DomainError) as caught:
        verify({"SHA1": start("SHA1")}, {"SHA1": "x"})
    assert caught.value.code == "BadDigest"


def test_a_composite_tells_the_number_of_parts() -> None:
    part = verify({"SHA256": start("SHA256")}, {})["SHA256"]
    assert composite("SHA256", [part, part]).endswith("-2")
