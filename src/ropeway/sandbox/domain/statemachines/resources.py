"""What a Task's Resource names: a function, an activity, or an API call of a service.

``arn:aws:states:::SERVICE:action`` is an optimised integration, ``arn:aws:states:::aws-sdk:SERVICE:action`` any call of
an SDK; ``.sync`` waits for what the call started, ``.waitForTaskToken`` for an answer with the token. Source: the AWS
Step Functions developer guide, "Integrating services".
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["ACTIONS", "KNOWN", "SYNC", "Resource", "Sync", "parse"]

_CALL = re.compile(
    r"arn:aws[a-z-]*:states:[a-z0-9-]*:\d*:(?:(aws-sdk):)?([a-z0-9]+):([A-Za-z0-9]+)(\.[A-Za-z:2]+)?"
)
_FUNCTION = re.compile(r"arn:aws[a-z-]*:lambda:[a-z0-9-]+:\d{12}:function:[A-Za-z0-9_:$-]+")
_ACTIVITY = re.compile(r"arn:aws[a-z-]*:states:[a-z0-9-]+:\d{12}:activity:[^:]+")
_PATTERNS = {None: "", ".sync": "sync", ".sync:2": "sync2", ".waitForTaskToken": "token"}
# Names in ARNs that differ from botocore's.
_SERVICES = {
    "applicationautoscaling": "application-autoscaling",
    "resourcegroupstaggingapi": "resourcegroupstaggingapi",
    "sagemakera2iruntime": "sagemaker-a2i-runtime",
    "sagemakerfeaturestoreruntime": "sagemaker-featurestore-runtime",
    "sagemakermetrics": "sagemaker-metrics",
    "sagemakerruntime": "sagemaker-runtime",
    "states": "stepfunctions",
    "sfn": "stepfunctions",
    "eventbridge": "events",
    "cloudwatchlogs": "logs",
    "elasticloadbalancingv2": "elbv2",
}
# How errors of an optimised integration begin, and the one for codes that the service does not declare.
_OPTIMISED = {
    "dynamodb": ("DynamoDB", "AmazonDynamoDBException"),
    "events": ("EventBridge", "AmazonEventBridgeException"),
    "lambda": ("Lambda", "AWSLambdaException"),
    "sagemaker": ("SageMaker", "AmazonSageMakerException"),
    "sns": ("SNS", "AmazonSNSException"),
    "sqs": ("SQS", "AmazonSQSException"),
    "stepfunctions": ("StepFunctions", "AWSStepFunctionsException"),
}
# Services of optimised integrations, and whether the sandbox has them; a task of one that it lacks fails when it runs.
KNOWN = {
    **dict.fromkeys(_OPTIMISED, True),
    **dict.fromkeys(
        (
            "apigateway",
            "athena",
            "batch",
            "bedrock",
            "codebuild",
            "databrew",
            "ecs",
            "eks",
            "elasticmapreduce",
            "emr-containers",
            "emr-serverless",
            "glue",
            "http",
            "mediaconvert",
        ),
        False,
    ),
}
# How errors through the SDK begin, where it is not the service's name with a capital.
_SDK = {
    "apigateway": "ApiGateway",
    "application-autoscaling": "ApplicationAutoScaling",
    "autoscaling": "AutoScaling",
    "cloudformation": "CloudFormation",
    "cloudtrail": "CloudTrail",
    "cloudwatch": "CloudWatch",
    "codebuild": "CodeBuild",
    "codepipeline": "CodePipeline",
    "dynamodb": "DynamoDb",
    "elbv2": "ElasticLoadBalancingV2",
    "events": "EventBridge",
    "logs": "CloudWatchLogs",
    "resourcegroupstaggingapi": "ResourceGroupsTaggingApi",
    "sagemaker": "SageMaker",
    "sagemaker-a2i-runtime": "SageMakerA2IRuntime",
    "sagemaker-featurestore-runtime": "SageMakerFeatureStoreRuntime",
    "sagemaker-metrics": "SageMakerMetrics",
    "sagemaker-runtime": "SageMakerRuntime",
    "secretsmanager": "SecretsManager",
    "stepfunctions": "Sfn",
}
_ONCE, _TOKEN, _SYNC = frozenset({""}), frozenset({"", "token"}), frozenset({"", "sync"})
# What optimised integrations can call, and by which patterns; AWS knows no other actions of theirs.
ACTIONS: Mapping[str, Mapping[str, frozenset[str]]] = {
    "dynamodb": dict.fromkeys(("DeleteItem", "GetItem", "PutItem", "UpdateItem"), _ONCE),
    "events": {"PutEvents": _TOKEN},
    "lambda": {"Invoke": _TOKEN},
    "sagemaker": {
        **dict.fromkeys(("CreateEndpoint", "CreateEndpointConfig", "CreateModel", "UpdateEndpoint"), _ONCE),
        **dict.fromkeys(
            (
                f"Create{kind}Job"
                for kind in ("HyperParameterTuning", "Labeling", "Processing", "Training", "Transform")
            ),
            _SYNC,
        ),
        "StartPipelineExecution": _SYNC,
    },
    "sns": {"Publish": _TOKEN},
    "sqs": {"SendMessage": _TOKEN},
    "stepfunctions": {"StartExecution": _SYNC | _TOKEN | {"sync2"}},
}


@dataclass(frozen=True)
class Resource:
    """A resource that could be read.

    Attributes:
        arn: as written.
        kind: ``function``, ``activity`` or ``call``.
        service: botocore's name of it.
        operation: as in the service model, ``CreateTrainingJob``.
        pattern: "", ``sync``, ``sync2`` or ``token``.
        sdk: whether it goes through ``aws-sdk``.
        named: what history calls service and action: ``sagemaker``, ``createTrainingJob.sync``.
    """

    arn: str
    kind: str
    service: str = ""
    operation: str = ""
    pattern: str = ""
    sdk: bool = False
    named: tuple[str, str] = ("", "")

    @property
    def waits(self) -> bool:
        """Whether the state goes on after the call's answer only later."""
        return self.pattern != ""

    def error(self, code: str, declared: bool) -> str:
        """The name of an error that the call answered.

        Args:
            code: the service's.
            declared: whether its model declares the code for this operation.
        """
        if self.sdk:
            prefix = _SDK.get(self.service, self.service.title())
            generic = f"{prefix}Exception"
        else:
            prefix, generic = _OPTIMISED[self.service]
        name = code if code.endswith("Exception") else f"{code}Exception"
        return f"{prefix}.{name if declared else generic}"


@dataclass(frozen=True)
class Sync:
    """What ``.sync`` waits for.

    Attributes:
        arn: the member of the call's answer that names what it started.
        describe, stop: operations that tell of it and end it.
        key: the member of their input that names it; ``by_name`` says that it takes the ARN's last part.
        status: the member of the description, with the status of success.
    """

    arn: str
    describe: str
    stop: str
    key: str
    status: tuple[str, str]
    by_name: bool = True


def _job(kind: str) -> Sync:
    return Sync(f"{kind}Arn", f"Describe{kind}", f"Stop{kind}", f"{kind}Name", (f"{kind}Status", "Completed"))


SYNC: Mapping[tuple[str, str], Sync] = {
    **{
        ("sagemaker", f"Create{kind}"): _job(kind)
        for kind in ("ProcessingJob", "TrainingJob", "TransformJob", "HyperParameterTuningJob")
    },
    ("sagemaker", "StartPipelineExecution"): Sync(
        "PipelineExecutionArn",
        "DescribePipelineExecution",
        "StopPipelineExecution",
        "PipelineExecutionArn",
        ("PipelineExecutionStatus", "Succeeded"),
        by_name=False,
    ),
    ("stepfunctions", "StartExecution"): Sync(
        "executionArn",
        "DescribeExecution",
        "StopExecution",
        "executionArn",
        ("status", "SUCCEEDED"),
        by_name=False,
    ),
}


def parse(text: str) -> Resource | None:
    """A Task's Resource, or None when it is none; whether the sandbox has the service is not looked at."""
    if _FUNCTION.fullmatch(text):
        return Resource(text, "function", "lambda", "Invoke", named=("lambda", "invoke"))
    if _ACTIVITY.fullmatch(text):
        return Resource(text, "activity")
    match = _CALL.fullmatch(text)
    if match is None or match.group(4) not in _PATTERNS:
        return None
    sdk, service, action, suffix = match.groups()
    return Resource(
        text,
        "call",
        _SERVICES.get(service, service),
        action[0].upper() + action[1:],
        _PATTERNS[suffix],
        bool(sdk),
        (f"aws-sdk:{service}" if sdk else service, f"{action}{suffix or ''}"),
    )
