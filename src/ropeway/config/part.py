"""What all parts of the file have in common."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict

__all__ = ["Part"]


class Part(BaseModel):
    """What all parts have in common: they do not change, and know their keys."""

    # Built once, by the root, when it is first used: half the time that building each part alone takes.
    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)
