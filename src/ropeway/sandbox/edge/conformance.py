"""The conformance page: every operation of every service that Ropeway has a part in, and what answers it.

``python -m ropeway.sandbox.edge.conformance`` writes ``docs/reference/conformance.md``; with ``--check`` it only
says whether the page is current. What is *real* is read from the registry, what is *refused* from ``refused``, what
is moto's from the methods of moto's response classes; the rest is *absent*. What Terraform makes is told from
``terraform/coverage.json``.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from ropeway.sandbox.edge.chain import OWNED, WHOLLY_OWNED
from ropeway.sandbox.edge.moto import implemented
from ropeway.sandbox.edge.refused import REFUSED
from ropeway.sandbox.operations.described import DESCRIBED
from ropeway.sandbox.operations.loading import load_all
from ropeway.sandbox.operations.registry import owned
from ropeway.sandbox.operations.service_models import service_model

__all__ = ["main", "page", "statuses"]

_ROOT = Path(__file__).resolve().parents[4]
PAGE = Path("docs/reference/conformance.md")
_COVERAGE = Path("terraform/coverage.json")

_HEAD = """# Conformance

<!-- Written by `python -m ropeway.sandbox.edge.conformance`; a test checks that it is current. -->

What answers each operation of the services that the sandbox has a part in:

| status | meaning |
|---|---|
| **real** | Ropeway does it: checked against AWS's service model, really done, kept over a restart |
| **described** | Ropeway keeps it as sent, checks it, tells it back, keeps it over a restart; nothing runs behind it |
| **moto** | [moto](https://docs.getmoto.org) keeps what it is told: described back as sent, nothing runs |
| **refused** | moto would answer, but with a result that nothing stands behind; the sandbox says so instead |
| **absent** | nobody has it: the answer is `NotImplementedException` (HTTP 501), naming the operation |

An operation counts as moto's when moto's response class of the service has a method of its name. That is what
moto calls for it; it does not say that every member of the request is heeded.
"""

_TERRAFORM = """
## Terraform

What real Terraform with the AWS provider did on the sandbox, for every resource type of `terraform/modules`: applied;
planned again, without a difference; updated in place, and planned again; destroyed. A command measures it,
`python -m tests.infra.coverage`. *Made anew* stands where the provider replaces, on AWS too.

| resource | apply | empty plan | update | destroy |
|---|---|---|---|---|"""

_OTHERS = """## Other services

Every service not listed here (EC2/VPC, DynamoDB, SSM, Secrets Manager, ECR, CloudWatch Logs, SQS, …) is answered by
moto, with a journal. An operation that moto lacks gets the same `NotImplementedException`; so does a service that moto
lacks.

IAM policies are kept and not enforced for callers. The policies of S3 buckets, KMS keys, Lambda functions, topics and
model package groups are Ropeway's to evaluate, and the roles by which events reach their targets.
"""


def statuses(service: str) -> dict[str, str]:
    """Every operation of a service with its status, and the reason where it is refused."""
    names = list(service_model(service).operation_names)
    ours = set(owned(service))
    motos = set() if service in WHOLLY_OWNED else implemented(service, names)
    return {name: _status(service, name, ours, motos) for name in sorted(names)}


def _status(service: str, name: str, ours: set[str], motos: set[str]) -> str:
    if (service, name) in DESCRIBED:
        return "described"
    if name in ours:
        return "real"
    if (service, name) in REFUSED:
        return f"refused: {REFUSED[service, name]}"
    return "moto" if name in motos else "absent"


def page() -> str:
    """The page's text."""
    load_all()
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    tables = {service: statuses(service) for service in sorted(OWNED)}
    yield _HEAD
    yield "| service | operations | real | described | moto | refused | absent |"
    yield "|---|---|---|---|---|---|---|"
    for service, table in tables.items():
        count = Counter(status.partition(":")[0] for status in table.values())
        kinds = " | ".join(str(count[kind]) for kind in ("real", "described", "moto", "refused", "absent"))
        yield f"| [{service}](#{service}) | {len(table)} | {kinds} |"
    for service, table in tables.items():
        yield f"\n## {service}\n"
        yield "| operation | status |"
        yield "|---|---|"
        for name, status in table.items():
            if status != "absent":
                yield f"| `{name}` | {'**real**' if status == 'real' else status} |"
        absent = [f"`{name}`" for name, status in table.items() if status == "absent"]
        if absent:
            yield f"\nAbsent: {', '.join(absent)}."
    yield from _terraform()
    yield f"\n{_OTHERS.rstrip()}"


def _terraform() -> Iterator[str]:
    yield _TERRAFORM
    recorded = json.loads((_ROOT / _COVERAGE).read_text(encoding="utf-8"))
    for kind, steps in recorded.items():
        yield f"| `{kind}` | {' | '.join(steps[step] for step in ('apply', 'plan', 'update', 'destroy'))} |"


def main(arguments: list[str]) -> int:
    """Write the page, or with ``--check`` compare it; the process's exit code."""
    target = _ROOT / PAGE
    text = page()
    if "--check" in arguments:
        current = target.is_file() and target.read_text(encoding="utf-8") == text
        if not current:
            sys.stderr.write(f"{PAGE} is not current: run python -m ropeway.sandbox.edge.conformance\n")
        return int(not current)
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
