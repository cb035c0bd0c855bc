"""A Lambda function: the newest approved version of a model package group, exactly that group's."""

import boto3


def lambda_handler(event, context):
    group = event["model_package_group_name"]
    client = boto3.client("sagemaker", region_name=event.get("region"))
    found = client.list_model_packages(
        ModelPackageGroupName=group,
        ModelApprovalStatus="Approved",
        SortBy="CreationTime",
        SortOrder="Descending",
        MaxResults=1,
    )["ModelPackageSummaryList"]
    if not found:
        raise LookupError(f"no version of {group} is approved; approve one first")
    package = client.describe_model_package(ModelPackageName=found[0]["ModelPackageArn"])
    container = package["InferenceSpecification"]["Containers"][0]
    return {
        "model_package_arn": package["ModelPackageArn"],
        "version": package["ModelPackageVersion"],
        "model_artifact_uri": container["ModelDataUrl"],
        "image_uri": container["Image"],
    }
