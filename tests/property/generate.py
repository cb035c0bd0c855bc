"""Requests that are nearly right, made from botocore's shapes.

A value follows its shape: members, enums, patterns, lengths. What answers told before (names, ARNs, ids) is used
again for members of the same name, so that many calls hit something that is there. Every other call then gets one
fault: a wrong type, a missing or unknown member, a value at or beyond its limits, strange text.
"""

from __future__ import annotations

import base64
import json
import random
import re
from collections import defaultdict
from collections.abc import Callable
from functools import lru_cache
from typing import Any

import regex

__all__ = ["Generator", "definition"]

_ARN = "arn:aws:sagemaker:eu-west-1:111111111111"
# Tried in turn for a member with a pattern: the first ones that match it are its values.
_TEXTS = (
    "a",
    "name-1",
    "Name1",
    "1",
    "0",
    "1.0.0",
    "111111111111",
    "222222222222",
    "eu-west-1",
    "arn:aws:iam::111111111111:role/RopewayExecutionRole",
    f"{_ARN}:pipeline/name-1",
    f"{_ARN}:pipeline/name-1/execution/abcdefghijkl",
    f"{_ARN}:model-package-group/name-1",
    f"{_ARN}:model-package/name-1/1",
    f"{_ARN}:model/name-1",
    f"{_ARN}:experiment/name-1",
    f"{_ARN}:experiment-trial/name-1",
    f"{_ARN}:experiment-trial-component/name-1",
    f"{_ARN}:context/name-1",
    f"{_ARN}:action/name-1",
    f"{_ARN}:artifact/0123456789abcdef0123456789abcdef",
    f"{_ARN}:training-job/name-1",
    f"{_ARN}:domain/d-abcdefghijkl",
    "arn:aws:kms:eu-west-1:111111111111:key/11111111-1111-1111-1111-111111111111",
    "arn:aws:lambda:eu-west-1:111111111111:function:name-1",
    "arn:aws:secretsmanager:eu-west-1:111111111111:secret:name-1-abcdef",
    "arn:aws:states:eu-west-1:111111111111:stateMachine:name-1",
    "arn:aws:catalog:eu-west-1:111111111111:portfolio/port-abcdefghijklm",
    "arn:aws:sns:eu-west-1:111111111111:topic",
    "s3://bucket-1/key",
    "s3://bucket-1/prefix/",
    "https://example.com/a",
    "https://sqs.eu-west-1.amazonaws.com/111111111111/queue",
    "111111111111.dkr.ecr.eu-west-1.amazonaws.com/python:3",
    "/opt/ml/processing/in",
    "d-abcdefghijkl",
    "sg-12345678",
    "subnet-12345678",
    "vpc-12345678",
    "user@example.com",
    "abcdefghijklmnopqrstuvwxyz012345",
    "2026-01-01T00:00:00Z",
    "P1D",
    "{}",
    "A",
    "=",
)
_STRANGE = (
    "",
    " ",
    "\0",
    "é",
    "😀" * 3,
    "\u202e",
    "\ufffe",
    "\ud800",
    "%00",
    "../../etc/passwd",
    "a" * 300,
    "x" * 70_000,
    "{",
    "<a>&",
    "'; --",
    "\n",
    "None",
    "arn:aws:sagemaker:eu-west-1:999999999999:pipeline/other",
    "arn:aws:::::",
    "arn:",
    "s3://",
    "NaN",
)
_NUMBERS = (0, 1, -1, 2**31, 2**63, -(2**63) - 1, 1e308, 0.5)
_DOCUMENTS: dict[str, Callable[[Generator], str]]


class Generator:
    """Makes requests.

    Attributes:
        seen: values that answers told, by member name.
    """

    def __init__(self, seed: int) -> None:
        self.source = random.Random(seed)
        self.seen: dict[str, list[Any]] = defaultdict(list)

    def request(self, operation: Any, *, faulty: bool) -> dict[str, Any]:
        """A request of an operation; with a fault somewhere if asked for."""
        shape = operation.input_shape
        if shape is None:
            return {}
        made: dict[str, Any] = self.value(shape, "", 0)
        if faulty:
            self._break(made)
        return made

    def value(self, shape: Any, name: str, depth: int) -> Any:
        """A value of a shape; ``name`` is the member that it is for."""
        return getattr(self, f"_{shape.type_name}", self._string)(shape, name, depth)

    def remember(self, answer: Any, name: str = "") -> None:
        """Learn what an answer tells; the ``Id`` of a ``PortfolioDetail`` is a ``PortfolioId`` too."""
        if isinstance(answer, dict):
            for key, item in answer.items():
                self.remember(item, key)
                if key in {"Id", "Arn", "Name"} and name:
                    self.remember(item, re.sub("(View)?(Detail|Summary|s)?$", "", name) + key)
        elif isinstance(answer, list):
            for item in answer[:3]:
                self.remember(item, name)
        elif isinstance(answer, str) and re.search(r"(Name|Arn|ARN|Id|Token|Source|Bucket|Key)$", name):
            known = self.seen[name]
            if answer not in known:
                known.append(answer)
                del known[:-20]

    def _structure(self, shape: Any, _name: str, depth: int) -> dict[str, Any]:
        made = {}
        keep = 0.45 if depth < 2 else 0.2
        for member, inner in shape.members.items():
            if member in shape.required_members or (depth < 7 and self.source.random() < keep):
                made[member] = self.value(inner, member, depth + 1)
        if getattr(shape, "is_tagged_union", False):
            made = dict(list(made.items())[:1])
        return made

    def _list(self, shape: Any, name: str, depth: int) -> list[Any]:
        least = shape.metadata.get("min", 0)
        count = max(least, min(shape.metadata.get("max", 3), self.source.choice([0, 1, 1, 2])))
        return [self.value(shape.member, name, depth + 1) for _ in range(min(count, 30))]

    def _map(self, shape: Any, name: str, depth: int) -> dict[str, Any]:
        count = self.source.choice([0, 1, 2])
        return {
            self.value(shape.key, name, depth + 1): self.value(shape.value, name, depth + 1)
            for _ in range(count)
        }

    def _string(self, shape: Any, name: str, _depth: int) -> Any:
        if name in _DOCUMENTS and self.source.random() < 0.8:
            return _DOCUMENTS[name](self)
        if shape.enum:
            return self.source.choice(shape.enum)
        known = self.seen.get(name) or self.seen.get(_related(name))
        if known and self.source.random() < 0.75:
            return self.source.choice(known)
        pattern = shape.metadata.get("pattern")
        least, most = shape.metadata.get("min", 0), shape.metadata.get("max", 10**9)
        fitting = [text for text in _matching(pattern) if least <= len(text) <= most]
        if fitting:
            return self.source.choice(fitting)
        return "a" * max(1, least)

    def _integer(self, shape: Any, _name: str, _depth: int) -> int:
        least = int(shape.metadata.get("min", 0))
        return self.source.choice([least, least + 1, min(int(shape.metadata.get("max", 100)), 10**6)])

    _long = _integer

    def _float(self, shape: Any, _name: str, _depth: int) -> float:
        return float(self.source.choice([shape.metadata.get("min", 0), 0.5, 1]))

    _double = _float

    def _boolean(self, _shape: Any, _name: str, _depth: int) -> bool:
        return self.source.random() < 0.5

    def _timestamp(self, _shape: Any, _name: str, _depth: int) -> Any:
        return self.source.choice([0, 1_700_000_000, 1_800_000_000.5])

    def _blob(self, _shape: Any, _name: str, _depth: int) -> bytes:
        return self.source.choice([b"", b"{}", b"text", bytes(range(256))])

    def _break(self, made: dict[str, Any]) -> None:
        """One fault at a random place."""
        places = list(_places(made))
        kind = self.source.random()
        if not places or kind < 0.1:
            made[self.source.choice(["Unknown", "MaxResults", "NextToken", "SortBy"])] = self._odd()
            return
        holder, key = self.source.choice(places)
        if kind < 0.25 and isinstance(holder, dict):
            del holder[key]
        elif kind < 0.4 and isinstance(holder[key], str):
            holder[key] = holder[key] + self.source.choice(_STRANGE)
        else:
            holder[key] = self._odd()

    def _odd(self) -> Any:
        return self.source.choice(
            [
                self.source.choice(_STRANGE),
                self.source.choice(_STRANGE),
                self.source.choice(_NUMBERS),
                None,
                True,
                [],
                {},
                [[]],
                {"a": {"b": []}},
                [None],
            ]
        )


def definition(generator: Generator) -> str:
    """A pipeline's document, sometimes with something odd in it."""
    source = generator.source
    steps = [json.loads(json.dumps(source.choice(_STEPS))) for _ in range(source.randrange(1, 4))]
    for number, step in enumerate(steps):
        if source.random() < 0.8:
            step["Name"] = f"S{number}"
        if number and source.random() < 0.5:
            step["DependsOn"] = [f"S{source.randrange(number + 1)}"]
    document: dict[str, Any] = {
        "Version": "2020-12-01",
        "Metadata": {},
        "Parameters": [
            {"Name": "P", "Type": source.choice(["String", "Integer", "Float"]), "DefaultValue": "1"}
        ],
        "Steps": steps,
    }
    if source.random() < 0.5:
        generator._break(document)
    return json.dumps(document)[: 10**6]


_STEPS: list[dict[str, Any]] = [
    {"Name": "F", "Type": "Fail", "Arguments": {"ErrorMessage": {"Get": "Parameters.P"}}},
    {
        "Name": "C",
        "Type": "Condition",
        "Arguments": {
            "Conditions": [{"Type": "Equals", "LeftValue": {"Get": "Parameters.P"}, "RightValue": 1}],
            "IfSteps": [{"Name": "Inner", "Type": "Fail", "Arguments": {"ErrorMessage": "x"}}],
            "ElseSteps": [],
        },
    },
    {
        "Name": "M",
        "Type": "Model",
        "Arguments": {
            "ExecutionRoleArn": "arn:aws:iam::111111111111:role/RopewayExecutionRole",
            "PrimaryContainer": {"Image": "111111111111.dkr.ecr.eu-west-1.amazonaws.com/python:3"},
        },
    },
    {
        "Name": "R",
        "Type": "RegisterModel",
        "Arguments": {
            "ModelPackageGroupName": "name-1",
            "ModelApprovalStatus": {"Std:Join": {"On": "", "Values": ["App", "roved"]}},
        },
    },
    {
        "Name": "T",
        "Type": "Training",
        "Arguments": {
            "AlgorithmSpecification": {"TrainingImage": "nowhere:1", "TrainingInputMode": "File"},
            "OutputDataConfig": {"S3OutputPath": "s3://bucket-1/out"},
            "ResourceConfig": {"InstanceCount": 1, "InstanceType": "ml.m5.large", "VolumeSizeInGB": 1},
            "RoleArn": "arn:aws:iam::111111111111:role/RopewayExecutionRole",
            "StoppingCondition": {"MaxRuntimeInSeconds": 5},
        },
    },
    {
        "Name": "L",
        "Type": "Lambda",
        "FunctionArn": "arn:aws:lambda:eu-west-1:111111111111:function:none",
        "Arguments": {"a": {"Get": "Steps.S0.x"}},
        "OutputParameters": [{"OutputName": "o", "OutputType": "String"}],
    },
]
_POLICY = json.dumps(
    {
        "Version": "2012-10-17",
        "Statement": [
            {"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "arn:aws:s3:::bucket-1/*"}
        ],
    }
)
_TEMPLATE = json.dumps(
    {"Resources": {"B": {"Type": "AWS::S3::Bucket", "Properties": {"BucketName": "stack-bucket"}}}}
)
_DOCUMENTS = {
    "PipelineDefinition": definition,
    "TemplateBody": lambda generator: _TEMPLATE,
    "Policy": lambda generator: _POLICY,
    "ResourcePolicy": lambda generator: _POLICY,
    "PolicyInputList": lambda generator: _POLICY,
    "PolicySourceArn": lambda generator: "arn:aws:iam::111111111111:role/RopewayExecutionRole",
    "StudioLifecycleConfigContent": lambda generator: base64.b64encode(b"echo").decode(),
    "Bucket": lambda generator: generator.source.choice(["bucket-1", "bucket-2", "nowhere"]),
    "Key": lambda generator: generator.source.choice(["key", "a/b", "é"]),
}


def _related(name: str) -> str:
    """`SourceArn` may be any ARN that is known."""
    return {"ResourceArn": "PipelineArn", "SourceArn": "ArtifactArn", "DestinationArn": "ActionArn"}.get(
        name, name
    )


def _places(value: Any) -> Any:
    """Every (holder, key) below a value."""
    if isinstance(value, dict):
        for key, item in value.items():
            yield value, key
            yield from _places(item)
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield value, index
            yield from _places(item)


@lru_cache(maxsize=4096)
def _matching(pattern: str | None) -> tuple[str, ...]:
    if pattern is None:
        return _TEXTS[:8]
    try:
        compiled = regex.compile(re.sub(r"\\p\{(\w+)\}", r"\\p{\1}", pattern))
    except regex.error:
        return ()
    return tuple(text for text in _TEXTS if compiled.fullmatch(text))
