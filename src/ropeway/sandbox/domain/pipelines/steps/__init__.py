"""Step types as plug-ins: one module each, one table of names.

A type that is not in the table is refused when a pipeline is created. Adding one is a new module and a line here.
"""

from __future__ import annotations

from collections.abc import Mapping

from ropeway.sandbox.domain.pipelines.steps.base import StepType
from ropeway.sandbox.domain.pipelines.steps.callback import CallbackStep
from ropeway.sandbox.domain.pipelines.steps.check import CHECK_STEPS
from ropeway.sandbox.domain.pipelines.steps.cleanup import CleanupStep
from ropeway.sandbox.domain.pipelines.steps.condition import ConditionStep
from ropeway.sandbox.domain.pipelines.steps.endpoint import EndpointConfigStep, EndpointStep
from ropeway.sandbox.domain.pipelines.steps.fail import FailStep
from ropeway.sandbox.domain.pipelines.steps.foreach import ForEachStep
from ropeway.sandbox.domain.pipelines.steps.function import LambdaStep
from ropeway.sandbox.domain.pipelines.steps.job import JOB_STEPS
from ropeway.sandbox.domain.pipelines.steps.lineage import LineageStep
from ropeway.sandbox.domain.pipelines.steps.model import ModelStep
from ropeway.sandbox.domain.pipelines.steps.register import RegisterModelStep
from ropeway.sandbox.domain.pipelines.steps.tuning import TuningStep

__all__ = ["STEP_TYPES"]

STEP_TYPES: Mapping[str, StepType] = {
    "Callback": CallbackStep(),
    "Cleanup": CleanupStep(),
    "Condition": ConditionStep(),
    "Endpoint": EndpointStep(),
    "EndpointConfig": EndpointConfigStep(),
    "Fail": FailStep(),
    "ForEach": ForEachStep(),
    "Lambda": LambdaStep(),
    "Lineage": LineageStep(),
    "Model": ModelStep(),
    "RegisterModel": RegisterModelStep(),
    "Tuning": TuningStep(),
    **{step.type: step for step in (*CHECK_STEPS, *JOB_STEPS)},
}
