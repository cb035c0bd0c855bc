"""What real Terraform does with every resource type of the modules, on a sandbox.

``python -m tests.infra.coverage`` applies all examples and ``coverage.tf`` (what they leave out) as one root, plans
again, changes something of everything, plans again, destroys, and writes what happened to ``terraform/coverage.json``.
The conformance page tells that file; a test holds it against the types that the modules have. It takes some minutes.
"""

from __future__ import annotations

import json
import re
import shutil
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from ropeway.infra.terraform import environment
from ropeway.sandbox.server import Server
from tests.infra.conftest import Terraform, settings

__all__ = ["FILE", "main", "measure", "recorded", "types"]

ROOT = Path(__file__).parents[2]
FILE = ROOT / "terraform" / "coverage.json"
_RESOURCE = re.compile(r'^resource "(\w+)"', re.MULTILINE)
_PROVIDER = """
variable "note" {
  type    = string
  default = "first"
}

provider "aws" {
  max_retries = 3

  default_tags {
    tags = { note = var.note }
  }
}
"""
# What the examples leave out, and updates of what has no tags: a note that changes changes these.
_EXTRA = Path(__file__).parent / "coverage.tf"


def types() -> list[str]:
    """Every resource type of the modules."""
    sources = (ROOT / "terraform" / "modules").glob("*/*.tf")
    return sorted({kind for file in sources for kind in _RESOURCE.findall(file.read_text(encoding="utf-8"))})


def recorded() -> dict[str, dict[str, str]]:
    """What the file says."""
    found: dict[str, dict[str, str]] = json.loads(FILE.read_text(encoding="utf-8"))
    return found


def measure(folder: Path, env: dict[str, str]) -> dict[str, dict[str, str]]:
    """Run it.

    Args:
        folder: an empty folder.
        env: Terraform's environment, with a sandbox.

    Returns:
        By type and step: ``yes``, ``no``, ``made anew`` (an update that replaces), or ``not tried``.
    """
    terraform = _root(folder, env)
    terraform.well("init", "-input=false")
    terraform.well("apply", "-input=false", "-auto-approve", "-parallelism=30")
    applied = _kinds(terraform.well("state", "list").split())
    unstable = _planned(terraform, ())
    changes = _planned(terraform, ("-var=note=second",))
    terraform.well("apply", "-input=false", "-auto-approve", "-parallelism=30", "-var=note=second")
    restless = _planned(terraform, ("-var=note=second",))
    terraform.well("destroy", "-input=false", "-auto-approve", "-parallelism=30", "-var=note=second")
    left = _kinds(terraform.well("state", "list").split())
    return {
        kind: {
            "apply": "yes" if kind in applied else "not tried",
            "plan": "no" if kind in unstable else _yes(kind in applied),
            "update": "no" if kind in restless else _update(changes.get(kind, set())),
            "destroy": "no" if kind in left else _yes(kind in applied),
        }
        for kind in types()
    }


def _yes(tried: bool) -> str:
    return "yes" if tried else "not tried"


def _update(actions: set[str]) -> str:
    return "yes" if "update" in actions else "made anew" if actions else "not tried"


def _root(folder: Path, env: dict[str, str]) -> Terraform:
    ignored = shutil.ignore_patterns(".terraform*", "*.tfstate*")
    shutil.copytree(ROOT / "terraform", folder / "terraform", ignore=ignored)
    root = folder / "terraform" / "all"
    root.mkdir()
    names = sorted(path.name for path in (folder / "terraform" / "modules").iterdir())
    calls = [f'module "{name}" {{\n  source = "../modules/{name}/examples/basic"\n}}\n' for name in names]
    (root / "main.tf").write_text(
        "\n".join([_PROVIDER, _EXTRA.read_text(encoding="utf-8"), *calls]), encoding="utf-8"
    )
    return Terraform(root, env)


def _kinds(addresses: Iterable[str]) -> set[str]:
    """Types of resources, by their addresses."""
    plain = (re.sub(r'\["[^"]*"\]|\[\d+\]', "", address) for address in addresses)
    return {address.split(".")[-2] for address in plain if ".data." not in f".{address}"}


def _planned(terraform: Terraform, options: Iterable[str]) -> dict[str, set[str]]:
    """What a plan would do, by type."""
    terraform.well("plan", "-input=false", "-out=plan", *options)
    document: dict[str, Any] = json.loads(terraform.well("show", "-json", "plan"))
    found: dict[str, set[str]] = {}
    for change in document.get("resource_changes", ()):
        actions = change["change"]["actions"]
        if change["mode"] == "managed" and actions != ["no-op"]:
            found.setdefault(change["type"], set()).add("/".join(actions))
    return found


def main() -> int:
    """Measure and write the file; the process's exit code."""
    with tempfile.TemporaryDirectory() as scratch:
        server = Server(Path(scratch) / "sandbox", port=0)
        server.start()
        try:
            env = environment(settings(), Path(scratch) / "terraform-settings")
            found = measure(Path(scratch), {**env, "AWS_ENDPOINT_URL": server.endpoint})
        finally:
            server.stop()
    FILE.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
    bad = {kind: steps for kind, steps in found.items() if {"no", "not tried"} & set(steps.values())}
    for kind, steps in bad.items():
        sys.stderr.write(f"{kind}: {', '.join(f'{step} {result}' for step, result in steps.items())}\n")
    return int(bool(bad))


if __name__ == "__main__":
    raise SystemExit(main())
