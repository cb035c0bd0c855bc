"""Runtimes: what runs here in place of a container image. One table, image pattern → runtime.

Users put their own entries before the built-in ones in ``.ropeway/runtimes.toml`` (see ``runtimefile``). A
runtime is an interpreter, the requirements it needs on top, and what it does for ``train``, ``serve`` and a
processing job without an entrypoint. An image that no pattern matches fails its job: nothing guesses.

``ropeway.local/interpreter/<path>`` is no image: it names an interpreter of this machine. Functions with ``@step`` get
it as theirs, so that they run with the packages that they were written with (see ``containers/client``).

The tag matters: SageMaker's XGBoost images before 1.3-1 write the model as a pickled Booster, later ones by
``Booster.save_model``.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

__all__ = [
    "BUILT_IN",
    "KINDS",
    "Runtime",
    "RuntimeTable",
    "Runtimes",
    "UnknownImageError",
    "entrypoint_command",
    "pickles_booster",
    "tag",
]

KINDS = ("xgboost", "sklearn", "script", "python")
_INTERPRETER = "ropeway.local/interpreter"
_ALGORITHM = ("-m", "ropeway.containers.xgboost_algorithm")
_SCRIPT_MODE = ("-m", "ropeway.containers.script_mode")
_NOTEBOOK = ("python", "-m", "ropeway.containers.notebook")
# What an image has that runs notebook jobs; IPython's kernel is the one that such a job names without another.
_NOTEBOOK_PACKAGES = ("nbclient>=0.10,<1", "ipykernel>=6.29,<8")


class UnknownImageError(Exception):
    """No runtime stands for the image."""

    def __init__(self, image: str) -> None:
        super().__init__(
            f"ClientError: the sandbox has no runtime for the image {image}. "
            "Add an entry for it to .ropeway/runtimes.toml."
        )


@dataclass(frozen=True)
class Runtime:
    """What runs in place of an image.

    Attributes:
        name: for people.
        image: a regular expression that the whole image address must match.
        kind: ``xgboost`` (built-in algorithm and script mode), ``sklearn`` and ``script`` (script mode),
            ``python`` (commands as given).
        python: the interpreter; None is the sandbox's own.
        requirements: what pip installs on top of the interpreter's packages, once per set.
        train, serve, process: default commands, ``python`` first where they are Python's; empty: none.
        env: variables that the image would set.
        packages: what the image has, and the interpreter must have: names to import.
    """

    name: str
    image: str
    kind: str
    python: Path | None = None
    requirements: tuple[str, ...] = ()
    train: tuple[str, ...] = ()
    serve: tuple[str, ...] = ()
    process: tuple[str, ...] = ()
    env: Mapping[str, str] = field(default_factory=dict)
    packages: tuple[str, ...] = ()

    @property
    def interpreter(self) -> Path:
        """The Python that runs its programs, before requirements."""
        return self.python or Path(sys.executable)

    def train_command(self, *, script_mode: bool) -> tuple[str, ...]:
        """What ``train`` is; empty when the image has no such command."""
        if self.train:
            return self.train
        if self.kind == "xgboost" and not script_mode:
            return ("python", *_ALGORITHM)
        return ("python", *_SCRIPT_MODE) if self.kind != "python" else ()


def entrypoint_command(entrypoint: Sequence[str]) -> tuple[Sequence[str], Sequence[str]]:
    """A training job's entrypoint as it runs here, and what that needs.

    Returns:
        The command, and requirements for its interpreter.
    """
    if entrypoint and entrypoint[0] == "amazon_sagemaker_scheduler":
        return (*_NOTEBOOK, *entrypoint[1:]), _NOTEBOOK_PACKAGES
    return entrypoint, ()


BUILT_IN = (
    Runtime(
        "Model Monitor's analyser",
        r"(?:[^/]+/)*sagemaker-model-monitor-analyzer(?:[:@].+)?",
        "python",
        process=("python", "-m", "ropeway.drift.analyzer"),
        packages=("numpy", "pyarrow"),
    ),
    Runtime(
        "Clarify",
        r"(?:[^/]+/)*sagemaker-clarify-processing(?:[:@].+)?",
        "python",
        process=("python", "-m", "ropeway.drift.clarify"),
        packages=("numpy", "pyarrow"),
    ),
    Runtime("xgboost", r"(?:[^/]+/)*(?:sagemaker-)?xgboost(?:[:@].+)?", "xgboost"),
    Runtime("scikit-learn", r"(?:[^/]+/)*(?:sagemaker-)?scikit-learn(?:[:@].+)?", "sklearn"),
    Runtime(
        "PyTorch", r"(?:[^/]+/)*pytorch-(?:training|inference)(?:[:@].+)?", "script", packages=("torch",)
    ),
    Runtime(
        "Hugging Face",
        r"(?:[^/]+/)*huggingface-pytorch-(?:training|inference)(?:[:@].+)?",
        "script",
        packages=("torch", "transformers"),
    ),
    Runtime("TensorFlow", r"(?:[^/]+/)*tensorflow-training(?:[:@].+)?", "script", packages=("tensorflow",)),
    Runtime(
        "python",
        r"(?:[^/]+/)*(?:python|sagemaker-base-python|sagemaker-distribution(?:-prod)?)(?:[:@].+)?",
        "python",
        process=("python",),
    ),
)


class RuntimeTable(Protocol):
    """Finds the runtime of an image."""

    def match(self, image: str) -> Runtime:
        """The runtime of an image.

        Raises:
            UnknownImageError: there is none; the text names the image and the file.
        """


class Runtimes:
    """The table.

    Args:
        own: the user's entries, which come first.
    """

    def __init__(self, own: Sequence[Runtime] = ()) -> None:
        self._table = (*own, *BUILT_IN)

    def match(self, image: str) -> Runtime:
        """The runtime of an image.

        Raises:
            UnknownImageError: there is none; the text names the image and the file.
        """
        if image.startswith(_INTERPRETER + "/"):
            return _of_interpreter(image)
        for runtime in self._table:
            if re.fullmatch(runtime.image, image):
                return runtime
        raise UnknownImageError(image)


def _of_interpreter(image: str) -> Runtime:
    python = Path(image[len(_INTERPRETER) :])
    if not python.is_file():
        raise UnknownImageError(image)
    return Runtime("interpreter", re.escape(image), "python", python, process=("python",))


def tag(image: str) -> str:
    """An image's tag; "" without one."""
    return image.rpartition("/")[2].partition(":")[2]


def pickles_booster(image: str) -> bool:
    """Whether an XGBoost image pickles its Booster (before 1.3-1) instead of saving it in XGBoost's format."""
    version = re.match(r"(\d+)\.(\d+)", tag(image))
    if version is None:
        return tag(image) == "1"  # the first XGBoost image, 0.72
    return (int(version[1]), int(version[2])) < (1, 3)
