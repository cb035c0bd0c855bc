"""Step types that SageMaker has and the sandbox has not: why, and what to do instead."""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["REFUSED"]

_SPARK = "there is no Spark cluster on this machine; run the script in a Processing step"
_BEDROCK = "there is no Bedrock on this machine"

REFUSED: Mapping[str, str] = {
    "Athena": "there is no Athena on this machine; query in a Processing step",
    "AutoML": "nothing here builds models by itself; use a Tuning step",
    "BedrockCustomModel": _BEDROCK,
    "BedrockCustomModelDeployment": _BEDROCK,
    "BedrockModelImport": _BEDROCK,
    "BedrockProvisionedModelThroughput": _BEDROCK,
    "EMR": _SPARK,
    "EMRServerless": _SPARK,
    "HubContent": "it has no model hubs",
    "InferenceComponent": "its endpoints have no inference components; deploy a model by an Endpoint step",
    "Job": "it runs training, processing and transform jobs by steps of these types",
}
