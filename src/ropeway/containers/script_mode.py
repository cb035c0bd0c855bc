"""Script mode: ``train`` of SageMaker's framework images, by the contract of its training toolkit.

The job's code is in ``/opt/ml/code`` already, and the interpreter has its requirements (the runner saw to both).
The entry runs there with ``SM_*`` variables and the hyperparameters as arguments: ``*.sh`` by the shell, a package with
``setup.py`` as a module after its installation, ``*.py`` by Python. Its exit code is the job's; when it is not 0 the
failure file tells code, command and the end of what it wrote to stderr.
"""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
from pathlib import Path

from ropeway.containers.layout import UserError, base, write_failure
from ropeway.containers.training_env import TrainingEnv

__all__ = ["main"]

_KEPT_BYTES = 16384


def main() -> int:
    """Run the job's script; the exit code."""
    try:
        return _run()
    except UserError as error:
        print(f"ERROR: {error}", file=sys.stderr, flush=True)
        write_failure(str(error))
        return 1


def _run() -> int:
    training = TrainingEnv.read()
    code = base() / "code"
    os.chdir(code)
    command = _command(training, code)
    env = {**os.environ, **training.variables()}
    env["PYTHONPATH"] = os.pathsep.join(filter(None, [str(code), env.get("PYTHONPATH", "")]))
    print(f"Invoking script with the following command:\n\n{shlex.join(command)}\n", flush=True)
    status, errors = _follow(command, env)
    if status != 0:
        write_failure(_failure(status, command, errors))
    return status


def _command(training: TrainingEnv, code: Path) -> list[str]:
    program = training.program
    arguments = training.arguments()
    if program.endswith(".sh"):
        _require(code / program)
        (code / program).chmod(0o755)
        return ["/bin/sh", "-c", shlex.join([f"./{program}", *arguments])]
    if (code / "setup.py").exists():
        _install()
        return [sys.executable, "-m", training.module, *arguments]
    _require(code / program)
    return [sys.executable, program, *arguments]


def _require(path: Path) -> None:
    if not path.is_file():
        there = ", ".join(sorted(entry.name for entry in path.parent.iterdir())) or "nothing"
        raise UserError(
            f"The entry point {path.name} is not in {path.parent} (sagemaker_submit_directory): {there}"
        )


def _install() -> None:
    done = subprocess.run([sys.executable, "-m", "pip", "install", "."], check=False, stderr=subprocess.PIPE)
    sys.stderr.buffer.write(done.stderr)
    if done.returncode != 0:
        last = done.stderr.decode("utf-8", "replace").strip()[-600:]
        raise UserError(f"InstallModuleError: pip install . failed with exit code {done.returncode}: {last}")


def _follow(command: list[str], env: dict[str, str]) -> tuple[int, str]:
    """Run it; its exit code (128 + n for a signal), and the end of what it wrote to stderr."""
    # A stop goes to the whole group: the script decides when it ends, and this program tells how.
    signal.signal(signal.SIGTERM, lambda _number, _frame: None)
    kept = b""
    with subprocess.Popen(command, env=env, stderr=subprocess.PIPE) as process:
        assert process.stderr is not None
        for chunk in iter(lambda: process.stderr.read1(8192), b""):  # type: ignore[union-attr, attr-defined] # a pipe's reader
            sys.stderr.buffer.write(chunk)
            sys.stderr.buffer.flush()
            kept = (kept + chunk)[-_KEPT_BYTES:]
    status = process.returncode
    return (128 - status if status < 0 else status), kept.decode("utf-8", "replace")


def _failure(status: int, command: list[str], errors: str) -> str:
    _, mark, traceback = errors.rpartition("Traceback (most recent call last):")
    lines = (traceback if mark else errors).strip()
    # The end has the exception: of a reason that is too long, the beginning goes.
    message = lines[-600:]
    return f'ExecuteUserScriptError:\nExitCode {status}\nErrorMessage "{message}"\nCommand "{shlex.join(command)}"'


if __name__ == "__main__":
    sys.exit(main())
