"""The one door to moto."""

from ropeway.sandbox.edge.moto.application import implemented
from ropeway.sandbox.edge.moto.door import Moto

__all__ = ["Moto", "implemented"]
