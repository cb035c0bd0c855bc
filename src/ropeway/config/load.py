"""A file, or its text, to a ``Platform``; or every problem it has."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from pydantic import ValidationError

from ropeway.config import explain, marks, rules
from ropeway.config.conflicts import missing_templates
from ropeway.config.model import Platform
from ropeway.config.problems import Finding, Problem, dotted, refuse
from ropeway.config.regions import known_regions
from ropeway.config.scan import scan
from ropeway.errors import UsageError

__all__ = ["FILE", "beside", "examine", "load", "read"]

FILE = "ropeway.yaml"


def load(file: Path) -> Platform:
    """The platform that a file describes.

    Raises:
        ConfigError: it is wrong; every problem is told.
        UsageError: there is no such file, or it cannot be read.
    """
    platform, problems = examine(read(file), str(file), known_regions(), beside(file))
    if problems or platform is None:
        raise refuse(problems)
    return platform


def read(file: Path) -> str:
    """A file's text.

    Raises:
        UsageError: there is no such file, or it is not text.
    """
    try:
        return file.read_text(encoding="utf-8-sig")
    except FileNotFoundError as error:
        raise UsageError(f"there is no {str(file)!r}", hint="ropeway init writes one") from error
    except UnicodeDecodeError as error:
        raise UsageError(f"{file}: not UTF-8 text, at byte {error.start}", hint="save it as UTF-8") from error
    except OSError as error:
        raise UsageError(
            f"{file}: {error.strerror}", hint="name the file that describes the platform"
        ) from error


def beside(file: Path) -> Callable[[str], bool]:
    """Whether there is a file, by its path from the folder of ``ropeway.yaml``."""
    return lambda path: (file.parent / path).is_file()


def examine(
    text: str, name: str, regions: Mapping[str, str], exists: Callable[[str], bool] = lambda _: True
) -> tuple[Platform | None, list[Problem]]:
    """A platform and no problem, or all problems in the file's order.

    Args:
        text: YAML.
        name: the file's name, for messages.
        regions: partition by known region.
        exists: whether there is a file, by its path from the folder of ``ropeway.yaml``.
    """
    try:
        document = marks.parse(text)
    except marks.NotYaml as error:
        return None, [Problem(name, error.mark.line, error.mark.column, "", error.message, error.advice)]
    findings = [*document.findings, *scan(document.data)]
    platform: Platform | None = None
    try:
        platform = Platform.model_validate(document.data)
        rest: Platform | None = platform
    except ValidationError as error:
        known = {finding.path for finding in findings}
        found = explain.explain(error, lambda path: document.find(path).text)
        findings += [each for each in found if each.path not in known]
        rest = explain.salvage(document.data, error)
    if rest is not None:
        known = {finding.path for finding in findings}
        conflicts = [*rules.check(rest, regions), *missing_templates(rest, exists)]
        findings += [each for each in conflicts if each.path not in known]
    problems = sorted({_placed(finding, document, name) for finding in findings})
    return (None if problems else platform), problems


def _placed(finding: Finding, document: marks.Document, name: str) -> Problem:
    mark = document.find(finding.path, at_key=finding.at_key)
    return Problem(name, mark.line, mark.column, dotted(finding.path), finding.message, finding.advice)
