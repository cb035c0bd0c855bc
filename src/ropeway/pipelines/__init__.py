"""Pipelines: a typed builder that emits definition documents, and what reads and checks such documents.

The document, not the builder, is the contract: pipelines of the SageMaker SDK or written by hand are as good.
"""

from __future__ import annotations

from ropeway.pipelines.assets import Asset, FunctionAsset
from ropeway.pipelines.checks import ClarifyCheckStep, QualityCheckStep
from ropeway.pipelines.cleanup import Cleanup, CleanupStep
from ropeway.pipelines.conditions import (
    Condition,
    ConditionEquals,
    ConditionGreaterThan,
    ConditionGreaterThanOrEqualTo,
    ConditionIn,
    ConditionLessThan,
    ConditionLessThanOrEqualTo,
    ConditionNot,
    ConditionOr,
)
from ropeway.pipelines.functions import Execution, Expression, Join, JsonGet, Properties, PropertyFile
from ropeway.pipelines.jobs import Channel, Input, Output, ProcessingStep, TrainingStep
from ropeway.pipelines.models import ModelStep, RegisterModelStep
from ropeway.pipelines.parameters import (
    Parameter,
    ParameterBoolean,
    ParameterFloat,
    ParameterInteger,
    ParameterString,
)
from ropeway.pipelines.pipeline import Pipeline
from ropeway.pipelines.steps import CacheConfig, ConditionStep, FailStep, LambdaFunction, LambdaStep, Step
from ropeway.pipelines.transform import TransformStep
from ropeway.pipelines.tuning import CategoricalRange, ContinuousRange, IntegerRange, TuningStep
from ropeway.pipelines.waiting import CallbackStep

__all__ = [
    "Asset",
    "CacheConfig",
    "CallbackStep",
    "CategoricalRange",
    "Channel",
    "ClarifyCheckStep",
    "Cleanup",
    "CleanupStep",
    "Condition",
    "ConditionEquals",
    "ConditionGreaterThan",
    "ConditionGreaterThanOrEqualTo",
    "ConditionIn",
    "ConditionLessThan",
    "ConditionLessThanOrEqualTo",
    "ConditionNot",
    "ConditionOr",
    "ConditionStep",
    "ContinuousRange",
    "Execution",
    "Expression",
    "FailStep",
    "FunctionAsset",
    "Input",
    "IntegerRange",
    "Join",
    "JsonGet",
    "LambdaFunction",
    "LambdaStep",
    "ModelStep",
    "Output",
    "Parameter",
    "ParameterBoolean",
    "ParameterFloat",
    "ParameterInteger",
    "ParameterString",
    "Pipeline",
    "ProcessingStep",
    "Properties",
    "PropertyFile",
    "QualityCheckStep",
    "RegisterModelStep",
    "Step",
    "TrainingStep",
    "TransformStep",
    "TuningStep",
]
