"""Two Lambda functions: the newest approved version of a model package group, exactly that group's.

``lambda_handler`` is for predicting: where nothing is approved, or the version has no baseline, it fails and says so.
``champion`` is for training: the version that a new one must hold its own against; the first run has none.
The group is a name, or the ARN of one in another account.
"""

import re

import boto3
from botocore.exceptions import ClientError

NONE = "none"
# What the registry takes as the value of a version's property.
UNFIT = re.compile(r"[^\w\s.:/=+\-@]")
LONGEST = 256


def lambda_handler(event, context):
    group = event["model_package_group_name"]
    package = newest(group, event.get("region"))
    if package is None:
        raise LookupError(f"no version of {group} is approved; approve one first")
    baseline = baseline_of(package)
    for kind in ("Statistics", "Constraints"):
        if kind not in baseline:
            raise LookupError(
                f"version {package['ModelPackageVersion']} of {group} was registered without a data-quality "
                f"baseline ({kind.lower()}), so its batches cannot be checked; train and approve another one"
            )
    return {
        **told(package),
        "s3_baseline_uri_statistics": baseline["Statistics"]["S3Uri"],
        "s3_baseline_uri_constraints": baseline["Constraints"]["S3Uri"],
    }


def champion(event, context):
    package = newest(event["model_package_group_name"], event.get("region"))
    if package is None:
        print("nothing is approved yet: the new model is compared with none")
        found = {"model_package_arn": NONE, "version": NONE, "model_artifact_uri": event["otherwise"]}
    else:
        found = {**told(package), "version": str(package["ModelPackageVersion"])}
    return {
        **found,
        "retraining_reason": fitting(event.get("retraining_reason")),
        "drift_report_url": address(event.get("drift_report_url")),
        "drifted_data_url": address(event.get("drifted_data_url")),
    }


def newest(group, region):
    client = boto3.client("sagemaker", region_name=region)
    try:
        found = client.list_model_packages(
            ModelPackageGroupName=group,
            ModelApprovalStatus="Approved",
            SortBy="CreationTime",
            SortOrder="Descending",
            MaxResults=1,
        )["ModelPackageSummaryList"]
    except ClientError as error:
        # The first run makes the group.
        if error.response["Error"]["Code"] == "ValidationException" and "does not exist" in str(error):
            return None
        raise
    if not found:
        return None
    return client.describe_model_package(ModelPackageName=found[0]["ModelPackageArn"])


def told(package):
    container = package["InferenceSpecification"]["Containers"][0]
    return {
        "model_package_arn": package["ModelPackageArn"],
        "version": package["ModelPackageVersion"],
        "model_artifact_uri": container["ModelDataUrl"],
        "image_uri": container["Image"],
    }


def baseline_of(package):
    for place in ("DriftCheckBaselines", "ModelMetrics"):
        found = package.get(place, {}).get("ModelDataQuality")
        if found:
            return found
    return {}


def fitting(text):
    """A text as a property of a version."""
    words = " ".join(UNFIT.sub(" ", text or "").split())
    return (words if len(words) <= LONGEST else f"{words[: LONGEST - 4]} ...") or NONE


def address(uri):
    """An address as a property of a version; what does not fit must not be changed."""
    if uri and (UNFIT.search(uri) or len(uri) > LONGEST):
        return "see the parameters of the execution"
    return uri or NONE
