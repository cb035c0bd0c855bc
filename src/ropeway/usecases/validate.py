"""Check a platform's description: every problem of the file at once, or what it describes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ropeway.config.load import beside, examine, read
from ropeway.config.model import Platform
from ropeway.config.problems import Problem
from ropeway.config.regions import known_regions

__all__ = ["Place", "Report", "validate"]


@dataclass(frozen=True)
class Place:
    """One account of a unit.

    Attributes:
        unit: the unit.
        environment: the environment, or ``operations``.
        account: twelve digits.
        region: its region.
        names: every name that will be made there, by kind and purpose.
        parameters: path of every parameter, by its key.
    """

    unit: str
    environment: str
    account: str
    region: str
    names: dict[str, dict[str, str]]
    parameters: dict[str, str]


@dataclass(frozen=True)
class Report:
    """What a check found.

    Attributes:
        file: the file's name.
        valid: whether there is no problem.
        problems: all of them, in the file's order.
        places: accounts of the platform; empty when there are problems.
    """

    file: str
    valid: bool
    problems: list[Problem]
    places: list[Place]

    def summary(self) -> str:
        """One line on a platform without problems."""
        units = {place.unit for place in self.places}
        accounts = {place.account for place in self.places}
        environments = [place for place in self.places if place.environment != "operations"]
        counts = ((len(units), "unit"), (len(environments), "environment"), (len(accounts), "account"))
        return f"{self.file}: valid, " + ", ".join(
            f"{number} {word}{'' if number == 1 else 's'}" for number, word in counts
        )


def validate(file: Path) -> Report:
    """Check a file.

    Raises:
        UsageError: it cannot be read.
    """
    platform, problems = examine(read(file), str(file), known_regions(), beside(file))
    places = _places(platform) if platform else []
    return Report(str(file), valid=not problems, problems=problems, places=places)


def _places(platform: Platform) -> list[Place]:
    return [
        Place(
            unit=site.unit_name,
            environment=site.environment_name,
            account=site.account,
            region=site.region,
            names=site.names.table(),
            parameters=site.names.parameters(),
        )
        for site in platform.sites()
    ]
