"""Write each module's and each stack's README.md from its files: python terraform/readme.py [--check].

The first comment of main.tf says what the module is; variables, outputs and resources are read from the blocks.
Files are in `terraform fmt`'s form, which is all that this reader understands.
"""

from __future__ import annotations

import re
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
_BLOCK = re.compile(
    r'^(variable|output|resource|data) "([^"]+)"(?: "([^"]+)")? \{\n(.*?)^\}', re.MULTILINE | re.DOTALL
)
_MODULE = re.compile(r'^  source\s+= "\.\./\.\./modules/([a-z-]+)"$', re.MULTILINE)
_HEREDOC = re.compile(r"^  description = <<-EOT\n(.*?)^  EOT$", re.MULTILINE | re.DOTALL)


def page(module: Path) -> str:
    """A module's README; a stack has no example."""
    text = {file.name: file.read_text(encoding="utf-8") for file in sorted(module.glob("*.tf"))}
    file = module / "examples" / "basic" / "main.tf"
    example = file.read_text(encoding="utf-8").rstrip() if file.is_file() else None
    return "\n".join(_lines(module.name, text, example)) + "\n"


def _lines(name: str, text: dict[str, str], example: str | None) -> Iterator[str]:
    yield f"# {name}\n"
    yield "<!-- Written by `python terraform/readme.py`; a test checks that it is current. -->\n"
    yield _purpose(text["main.tf"])
    if example is not None:
        yield f"\n## Example\n\n```hcl\n{example}\n```"
    yield "\n## Variables\n"
    for _, variable, _, body in _BLOCK.findall(text["variables.tf"]):
        default = re.search(r"^  default\s+= (.*)$", body, re.MULTILINE)
        told = "required" if default is None else f"default `{_short(default.group(1))}`"
        yield f"- **`{variable}`** ({_type(body)}, {told}): {_description(body)}"
    yield "\n## Outputs\n"
    for _, output, _, body in _BLOCK.findall(text["outputs.tf"]):
        yield f"- **`{output}`**: {_description(body)}"
    kinds = sorted(
        {kind for file in text.values() for sort, kind, _, _ in _BLOCK.findall(file) if sort == "resource"}
    )
    yield "\n## Resources\n"
    yield ", ".join(f"`{kind}`" for kind in kinds)
    modules = sorted(set(_MODULE.findall("\n".join(text.values()))))
    if modules:
        yield "\n## Modules\n"
        yield ", ".join(f"[{module}](../../modules/{module}/README.md)" for module in modules)


def _purpose(main: str) -> str:
    lines = []
    for line in main.splitlines():
        if not line.startswith("#"):
            break
        lines.append(line.removeprefix("#").strip())
    return "\n".join(lines)


def _type(body: str) -> str:
    found = re.search(r"^  type\s+= (.*)$", body, re.MULTILINE)
    return f"`{_short(found.group(1))}`" if found else "`any`"


def _short(text: str) -> str:
    """The first line of a value; what is open is closed."""
    text = text.strip()
    closing = {"(": ")", "{": "}", "[": "]"}
    opened = [closing[char] for char in text if char in closing]
    closed = sum(char in ")}]" for char in text)
    rest = opened[: len(opened) - closed]
    return text + "…" + "".join(reversed(rest)) if rest else text


def _description(body: str) -> str:
    long = _HEREDOC.search(body)
    if long is None:
        found = re.search(r'^  description\s+= "(.*)"$', body, re.MULTILINE)
        return found.group(1) if found else ""
    lines = textwrap.dedent(long.group(1)).rstrip().splitlines()
    return "\n".join([lines[0], *(f"  {line}" for line in lines[1:])])


def main(arguments: list[str]) -> int:
    """Write the pages, or with ``--check`` compare them; the process's exit code."""
    stale = 0
    for module in sorted([*HERE.glob("modules/*"), *HERE.glob("stacks/*")]):
        target, text = module / "README.md", page(module)
        if "--check" in arguments:
            if not target.is_file() or target.read_text(encoding="utf-8") != text:
                sys.stderr.write(
                    f"{module.relative_to(HERE)}/README.md is not current: run python terraform/readme.py\n"
                )
                stale = 1
        else:
            target.write_text(text, encoding="utf-8")
    return stale


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
