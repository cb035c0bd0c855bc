"""What SageMaker's training toolkit tells a script: arguments, ``SM_*`` variables, ``SM_TRAINING_ENV``."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ropeway.containers.layout import UserError, base, read_config

__all__ = ["TrainingEnv", "decode"]

# Hyperparameters for the container rather than the script; the second is a tuning job's.
_FRAMEWORK = ("sagemaker_", "_tuning_objective_metric")


@dataclass(frozen=True)
class TrainingEnv:
    """A training job as its script sees it. Build it with ``read``.

    Attributes:
        hyperparameters: the script's own, decoded.
        framework: those that begin with ``sagemaker_`` and a tuning job's, decoded.
        channels: ``inputdataconfig.json``.
        resources: ``resourceconfig.json``.
    """

    hyperparameters: Mapping[str, Any]
    framework: Mapping[str, Any]
    channels: Mapping[str, Any]
    resources: Mapping[str, Any]

    @classmethod
    def read(cls) -> TrainingEnv:
        """Read the files that the job was given."""
        given = {name: decode(value) for name, value in read_config("hyperparameters.json").items()}
        return cls(
            hyperparameters={k: v for k, v in given.items() if not k.startswith(_FRAMEWORK)},
            framework={k: v for k, v in given.items() if k.startswith(_FRAMEWORK)},
            channels=read_config("inputdataconfig.json"),
            resources=read_config("resourceconfig.json"),
        )

    @property
    def program(self) -> str:
        """``sagemaker_program``: the entry's file name.

        Raises:
            UserError: there is none.
        """
        program = self.framework.get("sagemaker_program")
        if not program:
            raise UserError(
                "The hyperparameter sagemaker_program is missing: script mode needs an entry point"
            )
        return str(program)

    @property
    def module(self) -> str:
        """The program without its suffix."""
        return Path(self.program).stem

    def arguments(self) -> list[str]:
        """The script's command line: ``--name value`` in name order, ``-n value`` for single letters."""
        words = []
        for name, value in sorted(self.hyperparameters.items()):
            words += [f"-{name}" if len(name) == 1 else f"--{name}", str(value)]
        return words

    def variables(self) -> dict[str, str]:
        """The ``SM_*`` variables."""
        paths = _paths()
        facts = self._facts()
        values: dict[str, Any] = {f"SM_{name.upper()}": value for name, value in {**facts, **paths}.items()}
        values["SM_HPS"] = dict(self.hyperparameters)
        values["SM_TRAINING_ENV"] = {
            **facts,
            **paths,
            "additional_framework_parameters": dict(self.framework),
            "channel_input_dirs": {name: _channel(name) for name in self.channels},
            "hyperparameters": dict(self.hyperparameters),
            "job_name": os.environ.get("TRAINING_JOB_NAME", ""),
        }
        for name, value in self.hyperparameters.items():
            values[f"SM_HP_{name.upper()}"] = value
        for name in self.channels:
            values[f"SM_CHANNEL_{name.upper()}"] = _channel(name)
        return {name: _text(value) for name, value in values.items()}

    def _facts(self) -> dict[str, Any]:
        groups = self.resources.get("instance_groups", [])
        host = self.resources.get("current_host", "algo-1")
        hosts = self.resources.get("hosts", [host])
        return {
            "channels": sorted(self.channels),
            "current_host": host,
            "current_instance_group": self.resources.get("current_group_name", ""),
            "current_instance_group_hosts": hosts,
            "current_instance_type": self.resources.get("current_instance_type", ""),
            "distribution_instance_groups": [],
            "framework_module": str(self.framework.get("sagemaker_framework_module", "")),
            "framework_params": dict(self.framework),
            "hosts": hosts,
            "input_data_config": dict(self.channels),
            "instance_groups": [group["instance_group_name"] for group in groups],
            "instance_groups_dict": {group["instance_group_name"]: group for group in groups},
            "is_hetero": len(groups) > 1,
            "is_master": True,
            "log_level": self.framework.get("sagemaker_container_log_level", 20),
            "master_hostname": host,
            "module_dir": self.framework.get("sagemaker_submit_directory", _in("code")),
            "module_name": self.module,
            "network_interface_name": self.resources.get("network_interface_name", "lo"),
            "num_cpus": os.cpu_count() or 1,
            "num_gpus": 0,
            "num_neurons": 0,
            "resource_config": dict(self.resources),
            "user_args": self.arguments(),
            "user_entry_point": self.program,
        }


def decode(value: str) -> Any:
    """A hyperparameter's value: what the JSON says, or the text when it is none."""
    try:
        return json.loads(value)
    except ValueError:
        return value


def _in(*parts: str) -> str:
    return str(base().joinpath(*parts))


def _channel(name: str) -> str:
    return _in("input", "data", name)


def _paths() -> dict[str, str]:
    return {
        "input_config_dir": _in("input", "config"),
        "input_dir": _in("input"),
        "model_dir": _in("model"),
        "output_data_dir": _in("output", "data"),
        "output_dir": _in("output"),
        "output_intermediate_dir": _in("output", "intermediate"),
    }


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)
