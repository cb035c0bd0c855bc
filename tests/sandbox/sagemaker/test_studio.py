"""Studio's resources are kept as described, hold together, and are gone when they are deleted."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

SETTINGS = {
    "ExecutionRole": "arn:aws:iam::111111111111:role/studio",
    "SecurityGroups": ["sg-0123456789abcdef0"],
}


@pytest.fixture
def sagemaker(client: Callable[..., Any]) -> Any:
    return client("sagemaker")


@pytest.fixture
def domain(sagemaker: Any) -> str:
    made = sagemaker.create_domain(
        DomainName="team",
        AuthMode="IAM",
        DefaultUserSettings=SETTINGS,
        SubnetIds=["subnet-0123456789abcdef0"],
        VpcId="vpc-0123456789abcdef0",
        AppNetworkAccessType="VpcOnly",
        Tags=[{"Key": "unit", "Value": "retail"}],
    )
    return str(made["DomainArn"].rpartition("/")[2])


def test_a_domain_is_told_as_it_was_described(sagemaker: Any, domain: str) -> None:
    found = sagemaker.describe_domain(DomainId=domain)
    assert found["Status"] == "InService"
    assert found["DefaultUserSettings"] == SETTINGS
    assert found["AppNetworkAccessType"] == "VpcOnly"
    assert found["HomeEfsFileSystemId"].startswith("fs-")
    assert sagemaker.list_tags(ResourceArn=found["DomainArn"])["Tags"] == [{"Key": "unit", "Value": "retail"}]
    assert domain in [each["DomainId"] for each in sagemaker.list_domains(MaxResults=100)["Domains"]]


def test_an_update_changes_what_it_names(sagemaker: Any, domain: str) -> None:
    sagemaker.update_domain(
        DomainId=domain,
        DefaultUserSettings={"ExecutionRole": "arn:aws:iam::111111111111:role/other"},
        DomainSettingsForUpdate={"SecurityGroupIds": ["sg-1"]},
    )
    found = sagemaker.describe_domain(DomainId=domain)
    assert found["DefaultUserSettings"]["ExecutionRole"].endswith("/other")
    assert found["DefaultUserSettings"]["SecurityGroups"] == SETTINGS["SecurityGroups"]
    assert found["DomainSettings"] == {"SecurityGroupIds": ["sg-1"]}
    assert found["LastModifiedTime"] >= found["CreationTime"]


def test_a_domain_goes_after_what_lives_in_it(sagemaker: Any, domain: str) -> None:
    name = "ada"
    sagemaker.create_user_profile(DomainId=domain, UserProfileName=name)
    sagemaker.create_space(DomainId=domain, SpaceName="shared")
    owner = {"DomainId": domain, "UserProfileName": name, "AppType": "JupyterServer", "AppName": "default"}
    sagemaker.create_app(**owner)
    assert sagemaker.describe_app(**owner)["Status"] == "InService"
    for kind in ("domain", "user_profile"):
        with pytest.raises(ClientError, match="ResourceInUse"):
            getattr(sagemaker, f"delete_{kind}")(
                DomainId=domain, **({"UserProfileName": name} if kind == "user_profile" else {})
            )
    sagemaker.delete_app(**owner)
    assert [
        each["UserProfileName"]
        for each in sagemaker.list_user_profiles(DomainIdEquals=domain)["UserProfiles"]
    ] == [name]
    assert sagemaker.list_apps(DomainIdEquals=domain)["Apps"] == []
    sagemaker.update_user_profile(DomainId=domain, UserProfileName=name, UserSettings=SETTINGS)
    assert sagemaker.describe_user_profile(DomainId=domain, UserProfileName=name)["UserSettings"] == SETTINGS
    sagemaker.update_space(DomainId=domain, SpaceName="shared", SpaceDisplayName="For all")
    assert sagemaker.describe_space(DomainId=domain, SpaceName="shared")["SpaceDisplayName"] == "For all"
    assert len(sagemaker.list_spaces(DomainIdEquals=domain)["Spaces"]) == 1
    sagemaker.delete_user_profile(DomainId=domain, UserProfileName=name)
    sagemaker.delete_space(DomainId=domain, SpaceName="shared")
    sagemaker.delete_domain(DomainId=domain)
    with pytest.raises(ClientError, match="ResourceNotFound"):
        sagemaker.describe_domain(DomainId=domain)


def test_what_is_not_there_is_told_by_name(sagemaker: Any, domain: str) -> None:
    with pytest.raises(ClientError, match=r"UserProfile \[nobody\] does not exist"):
        sagemaker.describe_user_profile(DomainId=domain, UserProfileName="nobody")
    with pytest.raises(ClientError, match="domain/d-nowhere does not exist"):
        sagemaker.create_user_profile(DomainId="d-nowhere", UserProfileName="ada")
    with pytest.raises(ClientError, match="Exactly one of UserProfileName and SpaceName"):
        sagemaker.create_app(DomainId=domain, AppType="JupyterServer", AppName="default")


def test_there_is_no_studio_to_open(sagemaker: Any, domain: str) -> None:
    sagemaker.create_user_profile(DomainId=domain, UserProfileName="ada")
    with pytest.raises(ClientError, match="no Studio to open"):
        sagemaker.create_presigned_domain_url(DomainId=domain, UserProfileName="ada")


def test_lifecycle_configurations_and_code_repositories(sagemaker: Any) -> None:
    sagemaker.create_studio_lifecycle_config(
        StudioLifecycleConfigName="setup",
        StudioLifecycleConfigContent="ZWNobw==",
        StudioLifecycleConfigAppType="JupyterLab",
    )
    found = sagemaker.describe_studio_lifecycle_config(StudioLifecycleConfigName="setup")
    assert found["StudioLifecycleConfigContent"] == "ZWNobw=="
    listed = sagemaker.list_studio_lifecycle_configs(AppTypeEquals="JupyterServer")["StudioLifecycleConfigs"]
    assert listed == []
    sagemaker.delete_studio_lifecycle_config(StudioLifecycleConfigName="setup")
    git = {"RepositoryUrl": "https://example.com/code.git", "Branch": "main"}
    sagemaker.create_code_repository(CodeRepositoryName="code", GitConfig=git)
    with pytest.raises(ClientError, match="ResourceInUse"):
        sagemaker.create_code_repository(CodeRepositoryName="code", GitConfig=git)
    sagemaker.update_code_repository(
        CodeRepositoryName="code",
        GitConfig={"SecretArn": "arn:aws:secretsmanager:eu-west-1:111111111111:secret:a"},
    )
    assert sagemaker.describe_code_repository(CodeRepositoryName="code")["GitConfig"]["Branch"] == "main"
    assert len(sagemaker.list_code_repositories(NameContains="od")["CodeRepositorySummaryList"]) == 1
    sagemaker.delete_code_repository(CodeRepositoryName="code")
    with pytest.raises(ClientError, match="Cannot find CodeRepository"):
        sagemaker.describe_code_repository(CodeRepositoryName="code")
