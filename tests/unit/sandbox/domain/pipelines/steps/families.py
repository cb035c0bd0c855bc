"""One definition per family of steps, in the shape in which SageMaker's SDKs emit them."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

__all__ = ["ACCEPTED", "REFUSED", "check_step", "document"]

BUCKET = "s3://families-bucket"
ROLE = "arn:aws:iam::111111111111:role/Jobs"
REGISTRY = "683313688378.dkr.ecr.us-east-1.amazonaws.com"
XGBOOST = f"{REGISTRY}/sagemaker-xgboost:1.7-1"
SKLEARN = f"{REGISTRY}/sagemaker-scikit-learn:1.2-1-cpu-py3"
MONITOR = "156813124566.dkr.ecr.us-east-1.amazonaws.com/sagemaker-model-monitor-analyzer"
CLARIFY = "205585389593.dkr.ecr.us-east-1.amazonaws.com/sagemaker-clarify-processing:1.0"
CUSTOM = "111111111111.dkr.ecr.us-east-1.amazonaws.com/own:1"
PARAMETERS = [
    {"Name": "Color", "Type": "String", "DefaultValue": "red"},
    {"Name": "Rate", "Type": "Float", "DefaultValue": 0.1},
    {"Name": "Fast", "Type": "Boolean", "DefaultValue": True},
]

Step = dict[str, Any]


def document(steps: list[Step]) -> str:
    return json.dumps(
        {
            "Version": "2020-12-01",
            "Metadata": {},
            "Parameters": PARAMETERS,
            "PipelineExperimentConfig": {
                "ExperimentName": get("Execution.PipelineName"),
                "TrialName": get("Execution.PipelineExecutionId"),
            },
            "Steps": steps,
        }
    )


def get(path: str) -> Step:
    return {"Get": path}


def join(*values: Any, on: str = "/") -> Step:
    return {"Std:Join": {"On": on, "Values": list(values)}}


def cluster(volume: int = 30) -> Step:
    return {"ClusterConfig": {"InstanceType": "ml.m5.xlarge", "InstanceCount": 1, "VolumeSizeInGB": volume}}


def channel(uri: str, name: str, **members: Any) -> Step:
    source = {"S3DataType": "S3Prefix", "S3Uri": uri, "S3DataDistributionType": "FullyReplicated"}
    return {"DataSource": {"S3DataSource": source}, "ChannelName": name, **members}


def taken(uri: Any, name: str, path: str) -> Step:
    source = {
        "S3Uri": uri,
        "LocalPath": path,
        "S3DataType": "S3Prefix",
        "S3InputMode": "File",
        "S3DataDistributionType": "FullyReplicated",
        "S3CompressionType": "None",
    }
    return {"InputName": name, "AppManaged": False, "S3Input": source}


def given(uri: Any, name: str, path: str) -> Step:
    target = {"S3Uri": uri, "LocalPath": path, "S3UploadMode": "EndOfJob"}
    return {"OutputName": name, "AppManaged": False, "S3Output": target}


def processing() -> list[Step]:
    retry = {"BackoffRate": 2.0, "IntervalSeconds": 1}
    step = {
        "Name": "prepare",
        "Type": "Processing",
        "DisplayName": "Prepare",
        "Description": "makes features",
        "Arguments": {
            "ProcessingResources": cluster(),
            "AppSpecification": {
                "ImageUri": SKLEARN,
                "ContainerArguments": ["--rate", join(get("Parameters.Rate"), on="")],
                "ContainerEntrypoint": ["python3", "/opt/ml/processing/input/code/prepare.py"],
            },
            "RoleArn": ROLE,
            "ProcessingInputs": [taken(f"{BUCKET}/code/prepare.py", "code", "/opt/ml/processing/input/code")],
            "ProcessingOutputConfig": {
                "Outputs": [
                    given(join(BUCKET, get("Execution.PipelineExecutionId"), "m"), "m", "/opt/ml/m"),
                    given(join(BUCKET, get("Execution.StartDateTime")), "x", "/opt/ml/x"),
                ]
            },
        },
        "RetryPolicies": [
            {**retry, "MaxAttempts": 3, "ExceptionType": ["Step.SERVICE_FAULT", "Step.THROTTLING"]},
            {**retry, "ExpireAfterMin": 60, "ExceptionType": ["SageMaker.JOB_INTERNAL_ERROR"]},
        ],
        "CacheConfig": {"Enabled": True, "ExpireAfter": "P30D"},
        "PropertyFiles": [{"PropertyFileName": "report", "OutputName": "m", "FilePath": "m/report.json"}],
    }
    return [step]


def training() -> Step:
    return {
        "Name": "train",
        "Type": "Training",
        "Arguments": {
            "AlgorithmSpecification": {
                "TrainingInputMode": "File",
                "TrainingImage": XGBOOST,
                "MetricDefinitions": [{"Name": "rmse", "Regex": "rmse=(.*)"}],
            },
            "OutputDataConfig": {"S3OutputPath": f"{BUCKET}/"},
            "StoppingCondition": {"MaxRuntimeInSeconds": 86400, "MaxWaitTimeInSeconds": 90000},
            "ResourceConfig": {"VolumeSizeInGB": 30, "InstanceCount": 1, "InstanceType": "ml.m5.xlarge"},
            "RoleArn": ROLE,
            "InputDataConfig": [channel(f"{BUCKET}/train", "train", ContentType="text/csv")],
            "HyperParameters": {
                "rate": join(get("Parameters.Rate"), on=""),
                "sagemaker_submit_directory": f'"{BUCKET}/code/sourcedir.tar.gz"',
                "sagemaker_program": '"train.py"',
            },
            "Environment": {"A": "b"},
            "EnableManagedSpotTraining": True,
            "CheckpointConfig": {"S3Uri": f"{BUCKET}/checkpoints"},
            "DebugHookConfig": {"S3OutputPath": f"{BUCKET}/", "CollectionConfigurations": []},
            "ProfilerConfig": {"S3OutputPath": f"{BUCKET}/", "DisableProfiler": False},
        },
    }


def container(data: Any) -> Step:
    return {
        "Image": XGBOOST,
        "Environment": {"SAGEMAKER_PROGRAM": "infer.py", "SAGEMAKER_CONTAINER_LOG_LEVEL": "20"},
        "ModelDataUrl": data,
    }


def model() -> list[Step]:
    data = get("Steps.train.ModelArtifacts.S3ModelArtifacts")
    policy = {
        "BackoffRate": 2.0,
        "IntervalSeconds": 1,
        "MaxAttempts": 2,
        "ExceptionType": ["Step.THROTTLING"],
    }
    made = {"ExecutionRoleArn": ROLE, "PrimaryContainer": container(data)}
    step = {"Name": "it-CreateModel", "Type": "Model", "Arguments": made, "RetryPolicies": [policy]}
    return [training(), step]


def registered() -> list[Step]:
    data = get("Steps.train.ModelArtifacts.S3ModelArtifacts")
    arguments = {
        "ModelPackageGroupName": "group",
        "CustomerMetadataProperties": {"a": "b"},
        "Domain": "MACHINE_LEARNING",
        "SamplePayloadUrl": f"{BUCKET}/payload",
        "Task": "OTHER",
        "InferenceSpecification": {
            "Containers": [{**container(data), "Framework": "XGBOOST"}],
            "SupportedContentTypes": ["text/csv"],
            "SupportedResponseMIMETypes": ["text/csv"],
        },
        "ModelApprovalStatus": "PendingManualApproval",
        "SkipModelValidation": "None",
    }
    return [training(), {"Name": "it-RegisterModel", "Type": "RegisterModel", "Arguments": arguments}]


def asking() -> list[Step]:
    function = "arn:aws:lambda:us-east-1:111111111111:function:f"
    outputs = [{"OutputName": "o1", "OutputType": "String"}, {"OutputName": "o2", "OutputType": "Float"}]
    call = {
        "Name": "call",
        "Type": "Lambda",
        "Arguments": {"a": 1, "e": get("Execution.PipelineExecutionId")},
        "FunctionArn": function,
        "OutputParameters": outputs,
    }
    callback = {
        "Name": "ask",
        "Type": "Callback",
        "Arguments": {"x": get("Steps.call.OutputParameters['o1']")},
        "SqsQueueUrl": "https://sqs.us-east-1.amazonaws.com/111111111111/q",
        "OutputParameters": [{"OutputName": "c1", "OutputType": "Integer"}],
    }
    one = {"LeftValue": get("Steps.call.OutputParameters['o2']"), "RightValue": 1.0}
    two = {"LeftValue": get("Steps.ask.OutputParameters['c1']"), "RightValue": 3}
    fast = {"Type": "Equals", "LeftValue": get("Parameters.Fast"), "RightValue": False}
    message = join("x", get("Parameters.Color"), get("Execution.CurrentDateTime"), on=" ")
    gate = {
        "Name": "gate",
        "Type": "Condition",
        "Arguments": {
            "Conditions": [
                {"Type": "In", "QueryValue": get("Parameters.Color"), "Values": ["red", "blue"]},
                {"Type": "Not", "Condition": fast},
                {"Type": "Or", "Conditions": [{"Type": "GreaterThan", **one}, {"Type": "LessThan", **two}]},
            ],
            "IfSteps": [{"Name": "end", "Type": "Fail", "Arguments": {"ErrorMessage": message}}],
            "ElseSteps": [],
        },
    }
    return [call, callback, gate]


def check_step(name: str, kind: str, **members: Any) -> Step:
    """A QualityCheck or ClarifyCheck step by its CheckType."""
    quality = kind.endswith("QUALITY")
    home = "/opt/ml/processing/input"
    inputs = (
        [taken(f"{BUCKET}/base.csv", "baseline_dataset_input", f"{home}/baseline_dataset_input")]
        if quality
        else [
            taken(f"{BUCKET}/analysis_config.json", "analysis_config", f"{home}/config"),
            taken(f"{BUCKET}/data.csv", "dataset", f"{home}/data"),
        ]
    )
    output = "quality_check_output" if quality else "analysis_result"
    arguments: Step = {
        "ProcessingResources": cluster(20),
        "AppSpecification": {"ImageUri": MONITOR if quality else CLARIFY},
        "RoleArn": ROLE,
        "ProcessingInputs": inputs,
        "ProcessingOutputConfig": {
            "Outputs": [
                given(join(BUCKET, get("Execution.PipelineExecutionId")), output, "/opt/ml/processing/output")
            ]
        },
    }
    if quality:
        arguments["Environment"] = {
            "output_path": "/opt/ml/processing/output",
            "publish_cloudwatch_metrics": "Disabled",
            "dataset_format": '{"csv": {"header": true, "output_columns_position": "START"}}',
            "dataset_source": f"{home}/baseline_dataset_input",
        }
    return {
        "Name": name,
        "Type": "QualityCheck" if quality else "ClarifyCheck",
        "Arguments": arguments,
        "CheckType": kind,
        "ModelPackageGroupName": "group",
        "SkipCheck": False,
        "FailOnViolation": True,
        "RegisterNewBaseline": False,
        **({"SuppliedBaselineStatistics": None} if quality else {}),
        "SuppliedBaselineConstraints": None,
        **members,
    }


def quality_checks() -> list[Step]:
    supplied = {
        "SuppliedBaselineStatistics": f"{BUCKET}/s.json",
        "SuppliedBaselineConstraints": f"{BUCKET}/c.json",
    }
    return [
        check_step("data", "DATA_QUALITY", **supplied),
        check_step("model", "MODEL_QUALITY", SkipCheck=True, RegisterNewBaseline=True),
    ]


def clarify_checks() -> list[Step]:
    return [
        check_step("bias", "DATA_BIAS", FailOnViolation=False),
        check_step("explain", "MODEL_EXPLAINABILITY", SkipCheck=get("Parameters.Fast"), ModelName="m"),
    ]


def monitored_transform() -> list[Step]:
    source = {"S3DataSource": {"S3DataType": "S3Prefix", "S3Uri": f"{BUCKET}/in"}}
    transform = {
        "Name": "batch-transform",
        "Type": "Transform",
        "Arguments": {
            "ModelName": "m",
            "TransformInput": {"DataSource": source, "ContentType": "text/csv", "SplitType": "Line"},
            "TransformOutput": {
                "S3OutputPath": f"{BUCKET}/out",
                "AssembleWith": "Line",
                "Accept": "text/csv",
            },
            "TransformResources": {"InstanceCount": 1, "InstanceType": "ml.m5.large"},
            "BatchStrategy": "MultiRecord",
            "MaxConcurrentTransforms": 2,
            "MaxPayloadInMB": 6,
            "DataProcessing": {"InputFilter": "$[1:]", "OutputFilter": "$[0,-1]", "JoinSource": "Input"},
        },
        "DependsOn": ["batch-monitoring"],
    }
    return [transform, check_step("batch-monitoring", "DATA_QUALITY", ModelPackageGroupName=None)]


def notebook() -> list[Step]:
    home = "sagemaker_headless_execution_pipelinestep"
    step = training()
    step["Arguments"] = {
        "TrainingJobName": "nb-ipynb-2026-11-21-03-24-25-414",
        "RoleArn": ROLE,
        "RetryStrategy": {"MaximumRetryAttempts": 1},
        "StoppingCondition": {"MaxRuntimeInSeconds": 172800},
        "EnableInterContainerTrafficEncryption": True,
        "AlgorithmSpecification": {
            "TrainingImage": CUSTOM,
            "TrainingInputMode": "File",
            "ContainerEntrypoint": ["amazon_sagemaker_scheduler"],
        },
        "InputDataConfig": [channel(f"{BUCKET}/nb/input", home)],
        "OutputDataConfig": {"S3OutputPath": join(BUCKET, get("Execution.PipelineExecutionId"))},
        "ResourceConfig": {"VolumeSizeInGB": 20, "InstanceCount": 1, "InstanceType": "ml.m5.large"},
        "Tags": [{"Key": "sagemaker:notebook-job-origin", "Value": "PIPELINE_STEP"}],
        "Environment": {
            "SM_JOB_DEF_VERSION": "1.0",
            "SM_ENV_NAME": "sagemaker-default-env",
            "SM_SKIP_EFS_SIMULATION": "true",
            "SM_EXECUTION_INPUT_PATH": f"/opt/ml/input/data/{home}",
            "SM_KERNEL_NAME": "python3",
            "SM_INPUT_NOTEBOOK_NAME": "nb.ipynb",
            "SM_OUTPUT_NOTEBOOK_NAME": "nb-out.ipynb",
        },
        "HyperParameters": {"p": 1},
    }
    return [step]


def model_trainer() -> list[Step]:
    drivers = "/opt/ml/input/data/sm_drivers/sm_train.sh"
    step = training()
    step["Arguments"] = {
        "AlgorithmSpecification": {
            "TrainingInputMode": "File",
            "TrainingImage": CUSTOM,
            "ContainerEntrypoint": ["/bin/bash"],
            "ContainerArguments": ["-c", f"chmod +x {drivers} && {drivers}"],
        },
        "HyperParameters": {"a": "1", "rate": get("Parameters.Rate")},
        "InputDataConfig": [
            channel(f"{BUCKET}/{name}", name, InputMode="File") for name in ("train", "code", "sm_drivers")
        ],
        "ResourceConfig": {"InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 30},
        "RoleArn": ROLE,
        "StoppingCondition": {"MaxRuntimeInSeconds": 3600},
        "OutputDataConfig": {"S3OutputPath": f"{BUCKET}/out", "CompressionType": "GZIP"},
        "Environment": {"E": "1"},
    }
    return [step]


def cleaned_up() -> list[Step]:
    sources = {"Resources": {"S3": [{"StepName": "train"}]}}
    return [
        training(),
        {"Name": "clean", "Type": "Cleanup", "Arguments": sources, "DependsOn": ["train"]},
    ]


def tuned() -> list[Step]:
    ranges = {
        "ContinuousParameterRanges": [
            {"Name": "eta", "MinValue": "0.1", "MaxValue": "0.5", "ScalingType": "Logarithmic"}
        ],
        "CategoricalParameterRanges": [{"Name": "b", "Values": ['"a"', '"b"']}],
        "IntegerParameterRanges": [
            {"Name": "max_depth", "MinValue": "1", "MaxValue": "5", "ScalingType": "Auto"}
        ],
    }
    request = training()["Arguments"]
    definition = {
        "StaticHyperParameters": request["HyperParameters"],
        "HyperParameterTuningResourceConfig": request["ResourceConfig"],
        **{
            name: request[name]
            for name in (
                "AlgorithmSpecification",
                "InputDataConfig",
                "OutputDataConfig",
                "RoleArn",
                "StoppingCondition",
            )
        },
    }
    config = {
        "Strategy": "Random",
        "ResourceLimits": {"MaxNumberOfTrainingJobs": 4, "MaxParallelTrainingJobs": 2},
        "TrainingJobEarlyStoppingType": "Off",
        "HyperParameterTuningJobObjective": {"Type": "Minimize", "MetricName": "rmse"},
        "ParameterRanges": ranges,
    }
    best = get("Steps.tune.TrainingJobSummaries[0].TrainingJobName")
    made = {
        "ExecutionRoleArn": ROLE,
        "PrimaryContainer": container(join("s3:/", "families-bucket", best, "output/model.tar.gz")),
    }
    arguments = {"HyperParameterTuningJobConfig": config, "TrainingJobDefinition": definition}
    return [
        {"Name": "tune", "Type": "Tuning", "Arguments": arguments},
        {"Name": "best-CreateModel", "Type": "Model", "Arguments": made},
    ]


def recorded() -> list[Step]:
    run = {"ActionName": "run", "ActionType": "ModelTraining", "Source": {"SourceUri": f"{BUCKET}/run"}}
    data = get("Steps.train.ModelArtifacts.S3ModelArtifacts")
    made = {"ArtifactName": "model", "ArtifactType": "Model", "Source": {"SourceUri": data}}
    ends = {
        "Source": {"Name": "run", "Type": "Action"},
        "Destination": {"Name": "model", "Type": "Artifact"},
    }
    arguments = {
        "Actions": [run],
        "Artifacts": [made],
        "Associations": [{**ends, "AssociationType": "Produced"}],
    }
    return [training(), {"Name": "record", "Type": "Lineage", "Arguments": arguments}]


def of_type(kind: str, **arguments: Any) -> list[Step]:
    return [{"Name": "odd", "Type": kind, "Arguments": arguments}]


def emr() -> list[Step]:
    jar = {"HadoopJarStep": {"Jar": f"{BUCKET}/j.jar", "Args": ["a"], "MainClass": "M"}}
    return of_type("EMR", StepConfig=jar, ClusterId="j-1")


def automl() -> list[Step]:
    return of_type("AutoML", AutoMLJobConfig={"Mode": "ENSEMBLING"}, RoleArn=ROLE)


def deployed() -> list[Step]:
    """EndpointConfigStep and EndpointStep."""
    variant = {"ModelName": {"Get": "Steps.it-CreateModel.ModelName"}, "VariantName": "AllTraffic"}
    config = {"EndpointConfigName": "scores", "ProductionVariants": [variant]}
    endpoint = {"EndpointName": "scores", "EndpointConfigName": {"Get": "Steps.Config.EndpointConfigName"}}
    return [
        *model(),
        {"Name": "Config", "Type": "EndpointConfig", "Arguments": config},
        {"Name": "Deploy", "Type": "Endpoint", "Arguments": endpoint},
    ]


ACCEPTED: Mapping[str, Callable[[], list[Step]]] = {
    "processing": processing,
    "training": lambda: [training()],
    "model": model,
    "registered": registered,
    "asking": asking,
    "quality_checks": quality_checks,
    "clarify_checks": clarify_checks,
    "monitored_transform": monitored_transform,
    "notebook": notebook,
    "model_trainer": model_trainer,
    "cleaned_up": cleaned_up,
    "tuned": tuned,
    "recorded": recorded,
    "deployed": deployed,
}

# Family → the type that the refusal names, besides the step.
REFUSED: Mapping[str, tuple[Callable[[], list[Step]], str]] = {
    "emr": (emr, "EMR"),
    "automl": (automl, "AutoML"),
    **{
        kind: (lambda kind=kind: of_type(kind), kind)  # type: ignore[misc]
        for kind in (
            "Athena",
            "EMRServerless",
            "InferenceComponent",
            "Job",
            "MonitorBatchTransform",
        )
    },
}
