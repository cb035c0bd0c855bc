"""Where a pipeline comes from: a module with ``get_pipeline``, or a definition file.

``MODULE[:FUNCTION]`` is a dotted module or the path of a Python file; the function is ``get_pipeline`` unless
named. It returns any object with ``.definition()`` (Ropeway's builder, the SageMaker SDK), a JSON text or a
dictionary. Arguments that the caller leaves out, and the function asks for by a usual name (``region``, ``role``,
``default_bucket``, ``bucket``, ``account``), are filled in.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import json
import sys
import traceback
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
from typing import Any

from ropeway.errors import RopewayError, UsageError
from ropeway.pipelines.assets import Asset, FunctionAsset
from ropeway.pipelines.outline import parse

__all__ = ["Source", "is_file", "load"]


@dataclass(frozen=True)
class Source:
    """A pipeline, ready to be created.

    Attributes:
        definition: the document, as JSON.
        assets: local files to upload first.
        functions: Lambda functions to create first.
        bucket, role, region, tags, description: what the pipeline object tells of itself.
    """

    name: str
    definition: str
    assets: Sequence[Asset] = ()
    functions: Sequence[FunctionAsset] = ()
    bucket: str | None = None
    role: str | None = None
    description: str | None = None
    tags: Mapping[str, str] = field(default_factory=dict)


def is_file(reference: str) -> bool:
    """Whether a reference means a definition file rather than a module."""
    return reference.endswith(".json")


def load(
    reference: str,
    kwargs: Mapping[str, Any] | None = None,
    *,
    defaults: Mapping[str, Any] | None = None,
    name: str | None = None,
) -> Source:
    """Read a definition file, or call a module's function.

    Args:
        reference: ``MODULE[:FUNCTION]``, ``path/to/file.py[:FUNCTION]`` or ``path/to/definition.json``.
        kwargs: arguments of the function.
        defaults: what to fill in when the function asks for it and ``kwargs`` does not have it.
        name: the pipeline's name; otherwise the object's own, the argument ``pipeline_name``, or the file's.

    Raises:
        UsageError: there is no such module, function or file, or the arguments do not fit it.
        RopewayError: the module raised.
    """
    if is_file(reference):
        return _from_file(Path(reference), kwargs or {}, name)
    target, _, attribute = _split(reference)
    function = _function(_module(target), target, attribute or "get_pipeline")
    given = dict(kwargs or {})
    arguments = _arguments(function, target, given, defaults or {})
    made = _guarded(f"{attribute or 'get_pipeline'} of {target}", lambda: function(**arguments))
    return _source(made, name or given.get("pipeline_name"), target)


def _from_file(path: Path, kwargs: Mapping[str, Any], name: str | None) -> Source:
    if kwargs:
        raise UsageError(
            f"{path} is a definition; it takes no arguments", hint="parameters are given with -p"
        )
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"cannot read {path}: {getattr(error, 'strerror', None) or error}") from error
    parse(text)
    return Source(name or path.stem, text)


def _split(reference: str) -> tuple[str, str, str]:
    head, colon, tail = reference.rpartition(":")
    return (head, colon, tail) if colon and tail.isidentifier() else (reference, "", "")


def _module(target: str) -> ModuleType:
    if target.endswith(".py"):
        return _module_of_file(Path(target))
    if not all(part.isidentifier() for part in target.split(".")):
        raise UsageError(
            f"{target!r} is no module and no definition file",
            hint="give a dotted module, a path that ends with .py, or one that ends with .json",
        )
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        return importlib.import_module(target)
    except ModuleNotFoundError as error:
        if error.name and (target == error.name or target.startswith(f"{error.name}.")):
            raise UsageError(
                f"there is no module {target}",
                hint="modules are looked up from the current folder and in the environment",
            ) from error
        raise _raised(f"the module {target}", error) from error
    except Exception as error:  # the user's code: whatever it raises is told, not shown as a crash of ours
        raise _raised(f"the module {target}", error) from error


def _module_of_file(path: Path) -> ModuleType:
    if not path.is_file():
        raise UsageError(f"there is no file {path}")
    folder = str(path.resolve().parent)
    if folder not in sys.path:
        sys.path.insert(0, folder)
    spec = importlib.util.spec_from_file_location(f"_ropeway_source_{path.stem}", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    loader = spec.loader
    _guarded(str(path), lambda: loader.exec_module(module))
    return module


def _function(module: ModuleType, target: str, name: str) -> Callable[..., Any]:
    function = getattr(module, name, None)
    if not callable(function):
        raise UsageError(
            f"{target} has no function {name}",
            hint=f"define {name}(**kwargs) there, or name another function: {target}:FUNCTION",
        )
    return function  # type: ignore[no-any-return] # callable() tells mypy no signature


def _arguments(
    function: Callable[..., Any], target: str, given: dict[str, Any], defaults: Mapping[str, Any]
) -> dict[str, Any]:
    signature = inspect.signature(function)
    filled = {
        name: defaults[name]
        for name, parameter in signature.parameters.items()
        if name in defaults and name not in given and parameter.default in {inspect.Parameter.empty, None}
    }
    arguments = {**filled, **given}
    try:
        signature.bind(**arguments)
    except TypeError as error:
        raise UsageError(
            f"{function.__name__} of {target}: {error}",
            hint=f"it takes {', '.join(signature.parameters) or 'no arguments'}; give them with --kwargs",
        ) from error
    return arguments


def _source(made: Any, name: str | None, target: str) -> Source:
    definition = getattr(made, "definition", None)
    content = _guarded(f"definition() of {target}", definition) if callable(definition) else made
    if isinstance(content, Mapping):
        content = json.dumps(content, sort_keys=True)
    if not isinstance(content, str):
        raise UsageError(
            f"{target} gave {type(made).__name__}, which is no pipeline",
            hint="return an object with definition(), a definition document, or its JSON text",
        )
    parse(content)
    return Source(
        name=name or str(getattr(made, "name", None) or Path(target).stem.rpartition(".")[2]),
        definition=content,
        assets=tuple(getattr(made, "assets", ())),
        functions=tuple(getattr(made, "functions", ())),
        bucket=getattr(made, "bucket", None),
        role=getattr(made, "role", None),
        description=getattr(made, "description", None),
        tags=getattr(made, "tags", None) or {},
    )


def _guarded(what: str, call: Callable[[], Any]) -> Any:
    try:
        return call()
    except RopewayError:
        raise
    except Exception as error:  # the user's code: whatever it raises is told, not shown as a crash of ours
        raise _raised(what, error) from error


def _raised(what: str, error: Exception) -> RopewayError:
    frames = traceback.extract_tb(error.__traceback__)
    place = f" ({frames[-1].filename}:{frames[-1].lineno})" if frames else ""
    return RopewayError(f"{what} raised {type(error).__name__}: {error}{place}")
