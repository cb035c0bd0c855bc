"""What all steps share, and the steps that run no job of their own: Condition, Fail, Lambda.

A step is data: a frozen dataclass whose ``document`` gives its entry in the definition. Typed keyword arguments
cover what is common; ``arguments`` takes members of the API's request as they are, laid over the rest.
"""

from __future__ import annotations

import io
import zipfile
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from ropeway.errors import DefinitionError
from ropeway.pipelines.assets import Build, FunctionAsset
from ropeway.pipelines.conditions import Condition
from ropeway.pipelines.functions import Expression, Json, Properties, Value, to_json
from ropeway.values.arn import Arn

__all__ = ["CacheConfig", "ConditionStep", "FailStep", "LambdaFunction", "LambdaStep", "Step", "over"]


@dataclass(frozen=True)
class CacheConfig:
    """Whether a step may take over the result of an earlier run with the same arguments.

    Attributes:
        expire_after: how old that run may be, as an ISO 8601 duration (``P30D``, ``PT1H``); any age without it.
    """

    enabled: bool = True
    expire_after: str | None = None

    def document(self) -> dict[str, Json]:
        """The step's ``CacheConfig``."""
        return {"Enabled": self.enabled, **({"ExpireAfter": self.expire_after} if self.expire_after else {})}


@dataclass(frozen=True)
class Step(ABC):
    """One step of a pipeline.

    Attributes:
        name: unique in the pipeline; letters, digits and hyphens, at most 64.
        depends_on: steps (or names of steps) that must end first, besides those whose results it uses.
        arguments: members of the API's request, laid over what the typed arguments give.
    """

    name: str
    display_name: str | None = field(default=None, kw_only=True)
    description: str | None = field(default=None, kw_only=True)
    depends_on: Sequence[Step | str] = field(default=(), kw_only=True)
    cache: CacheConfig | None = field(default=None, kw_only=True)
    arguments: Mapping[str, Any] = field(default_factory=dict, kw_only=True)

    type_name: ClassVar[str]

    @property
    def properties(self) -> Properties:
        """Paths into what describes the step's result."""
        return Properties(f"Steps.{self.name}")

    def document(self, build: Build) -> dict[str, Json]:
        """The step's entry in the definition; local files it needs are noted in ``build``."""
        arguments = over(to_json(self.request(build)), to_json(self.arguments))
        entry: dict[str, Json] = {"Name": self.name, "Type": self.type_name, "Arguments": arguments}
        if self.display_name:
            entry["DisplayName"] = self.display_name
        if self.description:
            entry["Description"] = self.description
        if self.depends_on:
            entry["DependsOn"] = [step if isinstance(step, str) else step.name for step in self.depends_on]
        if self.cache:
            entry["CacheConfig"] = self.cache.document()
        return {**entry, **self.siblings(build)}

    @abstractmethod
    def request(self, build: Build) -> dict[str, Any]:
        """The step's ``Arguments``, in API casing; expressions may lie anywhere in it."""

    def siblings(self, build: Build) -> dict[str, Json]:  # noqa: ARG002 - types that have some override it
        """Members that stand beside ``Arguments``."""
        return {}


@dataclass(frozen=True)
class ConditionStep(Step):
    """Takes one of two branches.

    Attributes:
        conditions: all must hold for ``if_steps`` to run; else ``else_steps`` do.
    """

    conditions: Sequence[Condition] = field(kw_only=True)
    if_steps: Sequence[Step] = field(default=(), kw_only=True)
    else_steps: Sequence[Step] = field(default=(), kw_only=True)

    type_name: ClassVar[str] = "Condition"

    def request(self, build: Build) -> dict[str, Any]:
        """Conditions and branches."""
        return {
            "Conditions": [condition.document() for condition in self.conditions],
            "IfSteps": [step.document(build) for step in self.if_steps],
            "ElseSteps": [step.document(build) for step in self.else_steps],
        }


@dataclass(frozen=True)
class FailStep(Step):
    """Ends the execution as failed."""

    message: Value = field(default="", kw_only=True)

    type_name: ClassVar[str] = "Fail"

    def request(self, build: Build) -> dict[str, Any]:  # noqa: ARG002 - the base's signature
        """The message."""
        return {"ErrorMessage": self.message}


@dataclass(frozen=True)
class LambdaFunction:
    """A Lambda function made from a local script, created or updated with the pipeline.

    Attributes:
        script: the Python file, alone in the function's archive.
        role: the function's role; its account is the function's.
        handler: the function in the script.
        timeout: seconds.
        memory: MB.
    """

    name: str
    script: str | Path
    role: str
    handler: str = "lambda_handler"
    runtime: str = "python3.12"
    timeout: int = 120
    memory: int = 128

    def asset(self, step: str) -> FunctionAsset:
        """What to create."""
        path = Path(self.script)
        if not path.is_file():
            raise DefinitionError(f"step {step}: there is no file {path} for the function {self.name}")
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
            entry = zipfile.ZipInfo(path.name, date_time=(1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            archive.writestr(entry, path.read_bytes())
        return FunctionAsset(
            name=self.name,
            archive=buffer.getvalue(),
            handler=f"{path.stem}.{self.handler}",
            role=self.role,
            runtime=self.runtime,
            timeout=self.timeout,
            memory=self.memory,
        )


@dataclass(frozen=True)
class LambdaStep(Step):
    """Calls a Lambda function and waits for what it returns.

    Attributes:
        function: the ARN, or a function to make from a local script.
        inputs: the event.
        outputs: names of what the function returns, with their types (String, Integer, Float, Boolean).
    """

    function: str | Expression | LambdaFunction = field(kw_only=True)
    inputs: Mapping[str, Any] = field(default_factory=dict, kw_only=True)
    outputs: Mapping[str, str] = field(default_factory=dict, kw_only=True)

    type_name: ClassVar[str] = "Lambda"

    def output(self, name: str) -> Properties:
        """What the function returned under a name."""
        return self.properties.OutputParameters[name]

    def request(self, build: Build) -> dict[str, Any]:  # noqa: ARG002 - the base's signature
        """The event."""
        return dict(self.inputs)

    def siblings(self, build: Build) -> dict[str, Json]:
        """Function and output parameters."""
        outputs = [{"OutputName": name, "OutputType": kind} for name, kind in self.outputs.items()]
        return {"FunctionArn": self._arn(build), "OutputParameters": outputs}

    def _arn(self, build: Build) -> Json:
        if not isinstance(self.function, LambdaFunction):
            return to_json(self.function)
        if build.region is None:
            raise DefinitionError(
                f"step {self.name}: a Lambda function of a local script needs the pipeline's region",
                hint='give it: Pipeline(..., region="...")',
            )
        try:
            account = Arn.parse(self.function.role).account
        except ValueError as error:
            raise DefinitionError(f"step {self.name}: the function's role is {error}") from error
        build.functions[self.function.name] = self.function.asset(self.name)
        return f"arn:aws:lambda:{build.region}:{account}:function:{self.function.name}"


def over(base: Json, top: Json) -> Json:
    """``top`` laid over ``base``: objects merge by key, everything else is replaced."""
    if not isinstance(base, dict) or not isinstance(top, dict):
        return top
    return {**base, **{key: over(base[key], value) if key in base else value for key, value in top.items()}}
