"""Budgets, quotas and tags of scalable targets by boto3."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

Client = Callable[..., Any]
ACCOUNT = "111111111111"
BUDGET = {
    "BudgetName": "ml",
    "BudgetType": "COST",
    "TimeUnit": "MONTHLY",
    "BudgetLimit": {"Amount": "100", "Unit": "USD"},
    "CostFilters": {"Service": ["Amazon SageMaker"]},
}
ALARM = {"NotificationType": "ACTUAL", "ComparisonOperator": "GREATER_THAN", "Threshold": 80.0}
MAIL = {"SubscriptionType": "EMAIL", "Address": "ops@example.com"}
TOPIC = {"SubscriptionType": "SNS", "Address": "arn:aws:sns:eu-west-1:111111111111:alarms"}


@pytest.fixture
def budgets(client: Client) -> Any:
    return client("budgets", region="us-east-1")


def test_a_budget_is_kept_with_who_is_told(budgets: Any) -> None:
    named = {"AccountId": ACCOUNT, "BudgetName": "ml"}
    entry = {"Notification": ALARM, "Subscribers": [MAIL]}
    budgets.create_budget(
        AccountId=ACCOUNT,
        Budget=BUDGET,
        NotificationsWithSubscribers=[entry],
        ResourceTags=[{"Key": "a", "Value": "b"}],
    )
    with pytest.raises(ClientError, match="DuplicateRecordException"):
        budgets.create_budget(AccountId=ACCOUNT, Budget=BUDGET)
    found = budgets.describe_budget(**named)["Budget"]
    assert found["BudgetLimit"] == {"Amount": "100", "Unit": "USD"}
    assert found["CostTypes"]["IncludeTax"] is True
    assert found["CalculatedSpend"]["ActualSpend"]["Amount"] == "0.0"
    budgets.create_subscriber(**named, Notification=ALARM, Subscriber=TOPIC)
    changed = {**ALARM, "Threshold": 90.0}
    budgets.update_notification(**named, OldNotification=ALARM, NewNotification=changed)
    told = budgets.describe_notifications_for_budget(**named)["Notifications"]
    assert told == [{**changed, "ThresholdType": "PERCENTAGE", "NotificationState": "OK"}]
    listed = budgets.describe_subscribers_for_notification(**named, Notification=changed)["Subscribers"]
    assert listed == [MAIL, TOPIC]
    budgets.delete_subscriber(**named, Notification=changed, Subscriber=MAIL)
    budgets.create_notification(**named, Notification=ALARM, Subscribers=[MAIL])
    budgets.delete_notification(**named, Notification=changed)
    assert len(budgets.describe_notifications_for_budget(**named)["Notifications"]) == 1
    plain = {name: value for name, value in BUDGET.items() if name != "CostFilters"}
    budgets.update_budget(AccountId=ACCOUNT, NewBudget=plain)
    assert budgets.describe_budget(**named)["Budget"]["CostFilters"] == {}
    assert [each["BudgetName"] for each in budgets.describe_budgets(AccountId=ACCOUNT)["Budgets"]] == ["ml"]
    arn = f"arn:aws:budgets::{ACCOUNT}:budget/ml"
    budgets.tag_resource(ResourceARN=arn, ResourceTags=[{"Key": "c", "Value": "d"}])
    budgets.untag_resource(ResourceARN=arn, ResourceTagKeys=["a"])
    assert budgets.list_tags_for_resource(ResourceARN=arn)["ResourceTags"] == [{"Key": "c", "Value": "d"}]
    budgets.delete_budget(**named)
    with pytest.raises(ClientError, match="NotFoundException"):
        budgets.describe_budget(**named)


def test_budgets_of_another_account_are_nobodys_business(budgets: Any) -> None:
    with pytest.raises(ClientError, match="AccessDeniedException"):
        budgets.describe_budget(AccountId="222222222222", BudgetName="ml")


def test_a_quota_is_what_was_asked_for(client: Client) -> None:
    quotas = client("service-quotas")
    named = {"ServiceCode": "sagemaker", "QuotaCode": "L-1194F2B9"}
    assert quotas.get_aws_default_service_quota(**named)["Quota"]["Value"] == 0
    asked = quotas.request_service_quota_increase(**named, DesiredValue=5)["RequestedQuota"]
    assert quotas.get_service_quota(**named)["Quota"]["Value"] == 5
    told = quotas.get_requested_service_quota_change(RequestId=asked["Id"])["RequestedQuota"]
    assert told["Status"] == "APPROVED"
    history = quotas.list_requested_service_quota_change_history_by_quota(**named)["RequestedQuotas"]
    assert [each["Id"] for each in history] == [asked["Id"]]
    with pytest.raises(ClientError, match="greater than the current quota"):
        quotas.request_service_quota_increase(**named, DesiredValue=5)


def test_a_scalable_target_keeps_its_tags(client: Client) -> None:
    scaling = client("application-autoscaling")
    named = {
        "ServiceNamespace": "sagemaker",
        "ResourceId": "endpoint/e/variant/AllTraffic",
        "ScalableDimension": "sagemaker:variant:DesiredInstanceCount",
    }
    made = scaling.register_scalable_target(**named, MinCapacity=1, MaxCapacity=3, Tags={"a": "b"})
    arn = made["ScalableTargetARN"]
    scaling.tag_resource(ResourceARN=arn, Tags={"c": "d"})
    scaling.untag_resource(ResourceARN=arn, TagKeys=["a"])
    assert scaling.list_tags_for_resource(ResourceARN=arn)["Tags"] == {"c": "d"}
    assert (
        scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"][0]["MaxCapacity"]
        == 3
    )


def test_the_switch_of_projects_in_studio(client: Client) -> None:
    sagemaker = client("sagemaker")
    for _ in range(2):
        sagemaker.enable_sagemaker_servicecatalog_portfolio()
    assert sagemaker.get_sagemaker_servicecatalog_portfolio_status()["Status"] == "Enabled"
    assert (
        client("sagemaker", region="us-east-1").get_sagemaker_servicecatalog_portfolio_status()["Status"]
        == "Disabled"
    )
    sagemaker.disable_sagemaker_servicecatalog_portfolio()
    assert sagemaker.get_sagemaker_servicecatalog_portfolio_status()["Status"] == "Disabled"


def test_a_redrive_policy_is_told_as_it_was_set(client: Client) -> None:
    sqs = client("sqs")
    sqs.create_queue(QueueName="dead")
    policy = '{"deadLetterTargetArn":"arn:aws:sqs:eu-west-1:111111111111:dead","maxReceiveCount":3}'
    url = sqs.create_queue(QueueName="alive", Attributes={"RedrivePolicy": policy})["QueueUrl"]
    assert (
        sqs.get_queue_attributes(QueueUrl=url, AttributeNames=["All"])["Attributes"]["RedrivePolicy"]
        == policy
    )
