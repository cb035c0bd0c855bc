"""``amazon_sagemaker_scheduler``: runs a notebook job, by the contract of the SDK's NotebookJobStep.

The notebook is SM_INPUT_NOTEBOOK_NAME in the folder SM_EXECUTION_INPUT_PATH. The job's hyperparameters are set by a
cell after the one that is tagged ``parameters`` (at the top without one), as papermill does; texts that are numbers,
True, False or None become those. SM_INIT_SCRIPT runs before. The executed notebook, also one that failed, is
SM_OUTPUT_NOTEBOOK_NAME in ``/opt/ml/output/data``. Needs nbclient and a kernel in the interpreter.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
from jupyter_client.kernelspec import NoSuchKernel
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, DeadKernelError

from ropeway.containers.layout import UserError, base, read_config, write_failure

__all__ = ["main", "parameterised", "resolved"]


def main() -> int:
    """Run the job's notebook; the exit code."""
    try:
        _run()
    except UserError as error:
        print(f"ERROR: {error}", file=sys.stderr, flush=True)
        write_failure(str(error))
        return 1
    return 0


def _run() -> None:
    folder = Path(os.environ["SM_EXECUTION_INPUT_PATH"])
    name = os.environ["SM_INPUT_NOTEBOOK_NAME"]
    if not (folder / name).is_file():
        raise UserError(f"The notebook {name} is not in {folder}")
    _initialise(folder)
    notebook = parameterised(nbformat.read(folder / name, as_version=4), read_config("hyperparameters.json"))
    kernel = os.environ.get("SM_KERNEL_NAME", "python3")
    client = NotebookClient(
        notebook,
        timeout=None,
        kernel_name=kernel,
        resources={"metadata": {"path": str(folder)}},
        on_cell_executed=lambda cell, **_: _show(cell),
    )
    try:
        client.execute()
    except NoSuchKernel as error:
        raise UserError(f"The notebook's kernel {kernel!r} is not installed in {sys.executable}") from error
    except (CellExecutionError, DeadKernelError) as error:
        raise UserError(f"The notebook {name} failed: {_plain(str(error)).strip()[-800:]}") from error
    finally:
        target = base() / "output" / "data" / os.environ.get("SM_OUTPUT_NOTEBOOK_NAME", name)
        target.parent.mkdir(parents=True, exist_ok=True)
        nbformat.write(notebook, target)


def _initialise(folder: Path) -> None:
    script = os.environ.get("SM_INIT_SCRIPT")
    if script and subprocess.run(["/bin/bash", script], cwd=folder, check=False).returncode != 0:
        raise UserError(f"The initialization script {script} failed")


def parameterised(notebook: Any, parameters: dict[str, str]) -> Any:
    """The notebook with a cell that sets the parameters."""
    if not parameters:
        return notebook
    lines = ["# Parameters", *(f"{name} = {resolved(value)!r}" for name, value in parameters.items())]
    cell = nbformat.v4.new_code_cell("\n".join(lines), metadata={"tags": ["injected-parameters"]})
    tagged = [
        index for index, cell in enumerate(notebook.cells) if "parameters" in cell.metadata.get("tags", ())
    ]
    notebook.cells.insert(tagged[0] + 1 if tagged else 0, cell)
    return notebook


def resolved(value: str) -> Any:
    """A parameter's value: the number or constant that a text is, else the text."""
    try:
        found = ast.literal_eval(value)
    except (ValueError, SyntaxError):
        return value
    return found if found is None or isinstance(found, (bool, int, float)) else value


def _show(cell: Any) -> None:
    """Tell a cell's text in the job's log."""
    for output in cell.get("outputs", ()):
        text = output.get("text") or output.get("data", {}).get("text/plain", "")
        if text:
            print(text, end="" if text.endswith("\n") else "\n", flush=True)


def _plain(text: str) -> str:
    """Without the colours of a traceback."""
    parts = text.split("\x1b[")
    return parts[0] + "".join(part.partition("m")[2] for part in parts[1:])


if __name__ == "__main__":
    sys.exit(main())
