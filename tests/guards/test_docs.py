"""The documentation and the code say the same: commands, decisions, errors, parity, links, navigation."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import click
import pytest
import yaml

from ropeway import errors
from ropeway.cli import reference
from ropeway.cli.compat import get_pipeline_definition, run_pipeline
from ropeway.sandbox.domain.pipelines.steps import STEP_TYPES
from ropeway.sandbox.runners.runtimefile import parse_runtimes

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
DECISIONS = sorted(path for path in (DOCS / "decisions").glob("*.md") if path.name != "index.md")
ROOT_PAGES = [ROOT / name for name in ("README.md", "CONTRIBUTING.md", "STYLE.md")]


def read(path: Path | str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def navigation(entry: object) -> list[str]:
    """The pages that an entry of mkdocs' `nav` leads to."""
    if isinstance(entry, str):
        return [entry]
    children = entry.values() if isinstance(entry, dict) else entry if isinstance(entry, list) else []
    return [page for child in children for page in navigation(child)]


def test_the_page_of_commands_is_current() -> None:
    assert reference.main(["--check"]) == 0


def test_every_command_has_its_heading_and_every_option_its_line() -> None:
    page = read(reference.PAGE)
    for path, command in reference.commands().items():
        assert re.search(rf"^##+ {re.escape(path)}$", page, re.MULTILINE), path
        options = [each for each in command.params if isinstance(each, click.Option)]
        assert [option.name for option in options if not option.help] == [], path
        assert [option.name for option in options if f"`{option.opts[0]}`" not in page] == [], path


@pytest.mark.parametrize("module", [run_pipeline, get_pipeline_definition])
def test_every_argument_of_an_entry_point_is_told(module: object) -> None:
    source = read(str(getattr(module, "__file__", "")))
    given = re.findall(r"\"(--[a-z-]+)\"", source)
    page = read("docs/reference/entry-points.md")
    assert len(given) >= 3
    assert [option for option in given if f"`{option}`" not in page] == []


def test_every_error_has_its_row_with_its_exit_code() -> None:
    page = read("docs/reference/errors.md")
    for name in errors.__all__:
        code = getattr(errors, name).exit_code
        assert re.search(rf"^\| `{name}` \| `\w+` \| {code} \|", page, re.MULTILINE), name


def test_every_step_type_of_the_sandbox_is_told() -> None:
    page = read("docs/concepts/pipelines.md")
    assert [name for name in STEP_TYPES if not re.search(rf"\b{name}\b", page)] == []


def test_the_example_of_runtimes_is_a_file_that_can_be_read(tmp_path: Path) -> None:
    found = re.search(r"```toml\n(.*?)```", read("docs/reference/runtimes.md"), re.DOTALL)
    assert found
    file = tmp_path / "runtimes.toml"
    file.write_text(re.sub(r"^python = .*\n", "", found[1], flags=re.MULTILINE), encoding="utf-8")
    first, second = parse_runtimes(file)
    assert re.fullmatch(first.image, "1.dkr.ecr.eu-west-1.amazonaws.com/team/a:1")
    assert re.fullmatch(second.image, "registry/scorer:v12")


@pytest.mark.parametrize("page", DECISIONS, ids=lambda page: page.stem)
def test_a_decision_has_its_parts_and_is_listed(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    assert re.match(rf"# {page.stem[:4]}: \S", text)
    assert re.findall(r"^## (.+)$", text, re.MULTILINE) == ["Status", "Context", "Decision", "Consequences"]
    assert f"({page.name})" in read("docs/decisions/index.md")


def test_every_row_of_parity_names_a_test_that_exists() -> None:
    rows = [line for line in read("docs/parity.md").splitlines() if line.startswith("|")]
    rows = [row for row in rows if not row.startswith(("|---", "| item "))]
    assert len(rows) > 20
    for row in rows:
        found = re.search(r"`(tests/[\w/]+\.py)::(\w+)` \|$", row)
        assert found, row
        tree = ast.parse(read(found[1]))
        assert found[2] in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}, row


def test_every_page_is_in_the_navigation() -> None:
    # mkdocs' own tags are not YAML that a safe loader knows, so the file has none.
    nav = navigation(yaml.safe_load(read("mkdocs.yml"))["nav"])
    assert sorted(nav) == sorted(str(page.relative_to(DOCS)) for page in DOCS.rglob("*.md"))


@pytest.mark.parametrize("page", [*ROOT_PAGES, *sorted(DOCS.rglob("*.md"))], ids=lambda page: page.stem)
def test_links_lead_to_files(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
    targets = [link.partition("#")[0] for link in re.findall(r"\]\(([^)\s]+)\)", text) if "://" not in link]
    assert [target for target in targets if target and not (page.parent / target).exists()] == []


def test_what_the_sandbox_says_leads_to_pages_that_exist() -> None:
    for file in (ROOT / "src").rglob("*.py"):
        for page in re.findall(r"docs/[\w/-]+\.md", file.read_text(encoding="utf-8")):
            assert (ROOT / page).is_file(), f"{file.name} names {page}"
