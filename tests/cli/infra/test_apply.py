"""`ropeway infra plan`, `apply`, `output` and `graph`: real Terraform, a live sandbox, tiny stacks."""

from __future__ import annotations

import json
import re
import shutil
from pathlib import Path
from typing import Any

from tests.cli.infra.conftest import Project


def rows(text: str) -> dict[str, dict[str, Any]]:
    return {each["environment"]: each for each in json.loads(text)["roots"]}


def test_from_plan_to_nothing_to_do(project: Project) -> None:
    planned = project("plan", "--output", "json")
    assert planned.exit_code == 3, planned.output
    assert [each["add"] for each in rows(planned.stdout).values()] == [3, 3, 3]
    assert rows(planned.stdout)["dev"]["changes"][0]["address"] == "terraform_data.first"
    assert "target: sandbox http://127.0.0.1:" in planned.stderr
    applied = project("apply")  # saved plans need no question
    assert applied.exit_code == 0, applied.output
    assert applied.stdout == "".join(
        f"{project.unit}/{name}: 3 added, 0 changed, 0 destroyed\n" for name in ("operations", "dev", "prod")
    )
    assert f"{project.unit}/dev: 3/3  created terraform_data.third (0 s)" in applied.stderr
    again = project("plan")
    assert again.exit_code == 0
    assert again.stdout.splitlines() == [
        f"{project.unit}/{name}: nothing to change" for name in ("operations", "dev", "prod")
    ]
    told = json.loads(project("output").stdout)
    assert told[project.unit]["prod"] == {"prefix": f"acme-{project.unit}-prod"}


def test_order_is_operations_then_the_path(project: Project) -> None:
    applied = project("apply", "--yes")
    begun = [line.split(":")[0] for line in applied.stderr.splitlines() if line.endswith(": apply")]
    assert begun == [f"{project.unit}/{name}" for name in ("operations", "dev", "prod")]


def test_what_fails_in_dev_never_reaches_prod(project: Project) -> None:
    (project.folder / f"fail-acme-{project.unit}-dev").touch()
    failed = project("apply", "--yes")
    assert failed.exit_code == 1
    assert failed.stdout == f"{project.unit}/operations: 3 added, 0 changed, 0 destroyed\n"
    said = next(line for line in failed.stderr.splitlines() if line.startswith(f"error: {project.unit}/dev:"))
    assert re.search(
        r"main\.tf:\d+: terraform_data\.second: local-exec provisioner error: .*told to fail", said
    )
    assert f"error: {project.unit}/prod: not begun, as {project.unit}/dev comes before it" in failed.stderr
    (project.folder / f"fail-acme-{project.unit}-dev").unlink()
    resumed = project("apply", "--yes", "--output", "json")
    assert resumed.exit_code == 0, resumed.output
    assert {name: each["add"] for name, each in rows(resumed.stdout).items()} == {
        "operations": 0,
        "dev": 2,
        "prod": 3,
    }


def test_nobody_to_ask_is_no_yes(project: Project) -> None:
    refused = project("apply", "--env", "dev")
    assert refused.exit_code == 2
    assert "error: nobody can be asked" in refused.stderr
    assert not project.place("dev").joinpath("fresh").exists()
    assert project("plan", "--env", "dev").exit_code == 3


def test_a_root_alone(project: Project) -> None:
    applied = project("apply", "--yes", "--unit", project.unit, "--env", "prod", "--output", "json")
    assert list(rows(applied.stdout)) == ["prod"]
    assert applied.exit_code == 0, applied.output


def saved(project: Project) -> Path:
    assert project("plan", "--env", "dev").exit_code == 3
    return project.place("dev")


def test_a_plan_is_refused_when_the_state_moved_on(project: Project) -> None:
    place = saved(project)
    kept = {name: (place / name).read_bytes() for name in ("plan", "plan.json")}
    assert project("apply", "--env", "dev").exit_code == 0
    for name, content in kept.items():
        (place / name).write_bytes(content)
    refused = project("apply", "--env", "dev", "--yes")
    assert refused.exit_code == 1
    assert refused.stderr.splitlines()[-2:] == [
        f"error: {project.unit}/dev: the saved plan is not applied: the state was changed since",
        f"hint: ropeway infra plan --unit {project.unit} --env dev makes a new one",
    ]


def test_a_plan_is_refused_when_it_was_altered(project: Project) -> None:
    place = saved(project)
    (place / "plan").write_bytes((place / "plan").read_bytes() + b"x")
    refused = project("apply", "--env", "dev", "--yes")
    assert refused.exit_code == 1
    assert "the file was changed after it was made" in refused.stderr


def test_a_plan_is_refused_when_what_it_was_made_of_changed(project: Project) -> None:
    saved(project)
    file = project.folder / "ropeway.yaml"
    file.write_text(file.read_text().replace("    region:", "    emails: [a@acme.example]\n    region:"))
    assert "ropeway.yaml gives other values now" in project("apply", "--env", "dev", "--yes").stderr
    assert project("plan", "--env", "dev").exit_code == 3
    stack = project.folder / "stacks-of-ours" / "stacks" / "environment" / "main.tf"
    stack.write_text(stack.read_text() + "# changed\n")
    assert "the stack's code or its backend is another one now" in (
        project("apply", "--env", "dev", "--yes").stderr
    )


def test_the_graph_needs_nothing_but_the_file(project: Project) -> None:
    told = project("graph", "--mermaid").stdout.splitlines()
    assert told[0] == "flowchart LR"
    assert told[-2:] == ["  r0 --> r1", "  r1 --> r2"]
    assert json.loads(project("graph", "--output", "json").stdout)["roots"][2]["after"] == [
        f"{project.unit}/dev"
    ]
    assert f"{project.unit}/dev  {project.accounts['dev']} eu-west-1  after" in project("graph").stdout


def test_a_root_whose_folder_was_lost_goes_on(project: Project) -> None:
    assert project("apply", "--env", "dev", "--yes").exit_code == 0
    shutil.rmtree(project.folder / ".ropeway" / "infra")
    assert project("plan", "--env", "dev").exit_code == 0
