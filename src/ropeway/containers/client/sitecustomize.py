"""Makes the SageMaker SDK work against the sandbox, in every Python that has this folder on ``PYTHONPATH``.

Three things that no setting can cure are changed at import, and only then; a Python that uses none pays nothing:

- The SDK names AWS's address when it makes STS clients, which beats ``AWS_ENDPOINT_URL``. While that variable is set,
  ``botocore`` forgets such addresses.
- A function with ``@step`` needs an image whose Python has the SDK and the caller's packages. The SDK's settings in
  ``ROPEWAY_SDK_CONFIG`` get the interpreter at hand as that image, unless they name another.
- With settings the SDK checks the schema of settings, which is a constant, at each look-up: a quarter of a second each,
  seconds per pipeline. ``jsonschema`` checks that one once.

In a job, a function with ``@step`` is handed over to a warm process where there is one (see ``warmstart``).

A ``sitecustomize`` of the user's, later on the path, runs as it would without this one. As this runs at every start of
a Python, it imports nothing that the interpreter has not loaded by then.
"""

from __future__ import annotations

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from importlib.machinery import ModuleSpec
    from types import ModuleType
    from typing import Any

_PLACEHOLDER = "ropeway.local/python"
_INTERPRETER = "ropeway.local/interpreter"
_LONGEST = 255
_STEP_FUNCTION = (
    ".remote_function.invoke_function",
    "/sagemaker_remote_function_bootstrap/bootstrap_runtime_environment.py",
)
_AWS = (".amazonaws.com", ".amazonaws.com.cn", ".api.aws")


class _AtImport:
    """A finder that finds nothing itself: it sees what is imported first."""

    @classmethod
    def find_spec(cls, name: str, path: Any = None, target: Any = None) -> ModuleSpec | None:  # noqa: ARG003
        if name == "sagemaker":
            _choose_settings()
        elif name in _CHANGES:
            import importlib.util

            sys.meta_path.remove(cls)
            try:
                spec = importlib.util.find_spec(name)
            finally:
                sys.meta_path.insert(0, cls)
            if spec is not None and spec.loader is not None:
                _follow(spec.loader, _CHANGES[name])
            return spec
        return None


def _follow(loader: Any, change: Callable[[Any], None]) -> None:
    execute = loader.exec_module

    def exec_module(module: ModuleType) -> None:
        execute(module)
        change(module)

    loader.exec_module = exec_module


def _forget_addresses(module: Any) -> None:
    create = module.Session.create_client

    def create_client(self: Any, *args: Any, **kwargs: Any) -> Any:
        if os.environ.get("AWS_ENDPOINT_URL") and _is_aws(kwargs.get("endpoint_url")):
            kwargs["endpoint_url"] = None
        return create(self, *args, **kwargs)

    create_client.__doc__ = create.__doc__
    module.Session.create_client = create_client


def _check_once(module: Any) -> None:
    validator = getattr(module, "Draft202012Validator", None)
    if validator is None:
        return  # an older version has no such validator, and is not this slow
    check = validator.check_schema
    checked: list[Any] = []

    def check_schema(schema: Any, *args: Any, **kwargs: Any) -> None:
        if any(schema is known for known in checked):
            return
        check(schema, *args, **kwargs)
        if isinstance(schema, dict) and "SchemaVersion" in schema.get("properties", ()):
            checked.append(schema)

    validator.check_schema = staticmethod(check_schema)


def _is_aws(address: Any) -> bool:
    host = str(address or "").partition("://")[2].partition("/")[0].partition(":")[0]
    return host.endswith(_AWS)


def _choose_settings() -> None:
    """Point the SDK at settings with this interpreter in place of the placeholder."""
    general = os.environ.get("ROPEWAY_SDK_CONFIG", "")
    image = _INTERPRETER + os.path.abspath(sys.executable or "")
    if not general or len(image) > _LONGEST or not sys.executable:
        return
    chosen = os.environ.get("SAGEMAKER_ADMIN_CONFIG_OVERRIDE", "")
    if os.path.dirname(chosen) != os.path.dirname(general):
        return  # the program set its own
    try:
        with open(general, encoding="utf-8") as file:
            text = file.read()
    except OSError:
        return
    import zlib

    own = f"{os.path.splitext(general)[0]}-{zlib.crc32(image.encode()):08x}.yaml"
    _write(own, text.replace(_PLACEHOLDER, image))
    os.environ["SAGEMAKER_ADMIN_CONFIG_OVERRIDE"] = own


def _hand_over() -> None:
    """Let a warm process run a function with ``@step``; returns when that is not to be."""
    address = os.environ.get("ROPEWAY_WARM", "")
    if address and any(part.endswith(_STEP_FUNCTION) for part in sys.orig_argv[1:3]):
        __import__("warmstart").hand_over(address)


def _write(path: str, text: str) -> None:
    """Write a file whole, when it says something else."""
    try:
        with open(path, encoding="utf-8") as file:
            if file.read() == text:
                return
    except OSError:
        pass  # there is none yet
    draft = f"{path}.{os.getpid()}"
    with open(draft, "w", encoding="utf-8") as file:
        file.write(text)
    os.replace(draft, path)


def _run_the_next() -> None:
    """The interpreter imports one sitecustomize only: the next on the path runs in its place, as that module."""
    here = os.path.dirname(os.path.abspath(__file__))
    folders = [os.path.abspath(folder) for folder in sys.path]
    later = (
        [folder for folder in folders[folders.index(here) + 1 :] if folder != here] if here in folders else []
    )
    if not any(
        os.path.exists(os.path.join(folder, f"sitecustomize{end}")) for folder in later for end in ("", ".py")
    ):
        return
    import importlib.util
    from importlib.machinery import PathFinder

    spec = PathFinder.find_spec("sitecustomize", later)
    if spec is not None and spec.loader is not None:
        module = importlib.util.module_from_spec(spec)
        sys.modules["sitecustomize"] = module
        spec.loader.exec_module(module)


_CHANGES = {"botocore.session": _forget_addresses, "jsonschema.validators": _check_once}
if __name__ == "sitecustomize":
    _hand_over()
    sys.meta_path.insert(0, _AtImport)
    _run_the_next()
