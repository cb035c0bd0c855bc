"""Compare what checkov finds with the reviewed list: python terraform/scan.py CHECKOV.

``CHECKOV`` is the program, which `make scan` puts into an environment of its own. A finding that neither
exceptions.yaml nor a comment beside the resource explains fails, and so does an entry that matches nothing.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

HERE = Path(__file__).parent
_NO_REASON = "No comment provided"


def findings(program: str) -> dict[str, list[dict[str, Any]]]:
    """What checkov says of every file here."""
    options = ["--framework", "terraform", "--compact", "--quiet", "--skip-download", "--output", "json"]
    done = subprocess.run(
        [program, "--directory", str(HERE), "--download-external-modules", "false", *options],
        stdout=subprocess.PIPE,
        text=True,
        check=False,
    )
    report = json.loads(done.stdout)
    if "results" not in report:
        raise SystemExit(f"checkov read nothing: {report}")
    results: dict[str, list[dict[str, Any]]] = report["results"]
    return results


def _file(finding: dict[str, Any]) -> str:
    return str(finding["file_path"]).lstrip("/")


def _matches(entry: dict[str, str], finding: dict[str, Any]) -> bool:
    resource = str(finding["resource"]).split("[", 1)[0]
    return (
        entry["check"] == finding["check_id"]
        and _file(finding) == entry["file"]
        and resource.endswith(entry["resource"])
    )


def problems(results: dict[str, list[dict[str, Any]]], entries: list[dict[str, str]]) -> Iterator[str]:
    """What nobody explained, and what explains nothing."""
    failed = results.get("failed_checks", [])
    unexplained = {
        f"{_file(found)}: {found['resource']}: {found['check_id']} {found['check_name']}"
        for found in failed
        if not any(_matches(entry, found) for entry in entries)
    }
    yield from sorted(unexplained)
    for entry in entries:
        if not any(_matches(entry, found) for found in failed):
            yield f"exceptions.yaml: {entry['check']} of {entry['resource']} in {entry['file']} is found no more"
    for found in results.get("skipped_checks", []):
        if found["check_result"].get("suppress_comment", _NO_REASON) == _NO_REASON:
            yield f"{_file(found)}: {found['resource']}: {found['check_id']} is skipped without a reason"


def main(arguments: list[str]) -> int:
    """Scan; the process's exit code."""
    entries = yaml.safe_load((HERE / "exceptions.yaml").read_text(encoding="utf-8"))["checkov"]
    results = findings(arguments[0])
    found = list(problems(results, entries))
    for line in found:
        sys.stderr.write(line + "\n")
    beside = len(results.get("skipped_checks", []))
    listed = len(entries)
    sys.stdout.write(f"checkov: {listed} listed, {beside} explained beside the code, {len(found)} problems\n")
    return int(bool(found))


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
