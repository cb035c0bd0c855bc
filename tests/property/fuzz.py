"""Coverage-guided fuzzing of the definition parser: ``python -m tests.property.fuzz --seconds 600``.

Atheris does it, in an environment of its own. Seeds are the documents of ``corpus``; what it finds on the way stays in
``.ropeway/fuzz``. Each place where the parser crashes is printed once, with its document as ``crash-…`` in that folder:
mend the parser, and put the document, small, into the corpus, which ``test_definitions`` tries again each time.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib
import os
import subprocess
import sys
import sysconfig
import traceback
from pathlib import Path

_ROOT = Path(__file__).parents[2]
_FOUND = _ROOT / ".ropeway" / "fuzz"
_WITHIN = "ROPEWAY_FUZZ"


def main() -> int:
    """Run the fuzzer in its environment for some time."""
    parser = argparse.ArgumentParser(prog="python -m tests.property.fuzz")
    parser.add_argument("--seconds", type=int, default=600)
    seconds = parser.parse_args().seconds
    from bench.environment import python_with  # noqa: PLC0415 - not needed, and not there, inside of the fuzzer

    _FOUND.mkdir(parents=True, exist_ok=True)
    paths = [str(_ROOT), str(_ROOT / "src"), sysconfig.get_path("purelib")]
    command = [
        str(python_with("atheris")),
        "-m",
        "tests.property.fuzz",
        f"-max_total_time={seconds}",
        "-max_len=20000",
        "-timeout=5",
        "-print_final_stats=1",
        f"-artifact_prefix={_FOUND}/",
        str(_FOUND),
        str(Path(__file__).parent / "corpus"),
    ]
    env = {**os.environ, _WITHIN: "1", "PYTHONPATH": os.pathsep.join(paths)}
    status = subprocess.run(command, cwd=_ROOT, env=env, check=False).returncode
    crashes = sorted(path.name for path in _FOUND.glob("crash-*"))
    found = f"{len(crashes)} places crash: {', '.join(crashes)}" if crashes else "nothing crashes"
    sys.stdout.write(f"{found}\n")
    return status or bool(crashes)


def within() -> None:
    """The fuzzer itself."""
    atheris = importlib.import_module("atheris")  # only there in the environment of the fuzzer

    with atheris.instrument_imports(include=["ropeway"]):
        from tests.property.definitions import mutated, tried  # noqa: PLC0415 - after the fuzzer is ready

    crashes: set[str] = set()

    def once(data: bytes) -> None:
        text = data.decode("utf-8", "replace")
        try:
            tried(text)
        except Exception as error:  # noqa: BLE001 - whatever it is, it is what this looks for
            last = traceback.extract_tb(error.__traceback__)[-1]
            place = f"{Path(last.filename).stem}-{last.lineno}-{type(error).__name__}"
            if place not in crashes:
                crashes.add(place)
                (_FOUND / f"crash-{place}").write_text(text, encoding="utf-8")
                traceback.print_exc()

    def mutate(data: bytes, most: int, seed: int) -> bytes:
        if seed % 4:
            with contextlib.suppress(UnicodeDecodeError):
                made = mutated(data.decode("utf-8"), seed).encode("utf-8")
                if len(made) <= most:
                    return made
        changed: bytes = atheris.Mutate(data, most)
        return changed

    atheris.Setup(sys.argv, once, custom_mutator=mutate)
    atheris.Fuzz()


if __name__ == "__main__":
    if os.environ.get(_WITHIN):
        within()
    else:
        sys.exit(main())
