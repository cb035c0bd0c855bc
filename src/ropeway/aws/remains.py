"""What stands in an account besides what Terraform owns: to be emptied or deleted, and to be looked for afterwards.

Everything is found by the platform's tags, or by the first words of its name, ``PLATFORM-UNIT-ENVIRONMENT-``: nothing
of anybody else's in the account is touched.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from ropeway.aws.launched import Products
from ropeway.aws.session import Session
from ropeway.aws.studio_files import StudioFiles
from ropeway.errors import AwsError

__all__ = ["Remains"]

_ENDED = {"Stopped", "Succeeded", "Failed"}
_GONE = {
    "ValidationException",
    "ResourceNotFound",
    "ResourceNotFoundException",
    "RepositoryNotFoundException",
}
_TRIES = 200


class Remains:
    """One account's.

    Args:
        session: of the apply role.
        prefix: first words of every name.
        others: others' first words that begin with ours: ``acme-retail-dev-x`` is no part of ``acme-retail-dev``.
        tags: that mark what is the root's.
        wait: waits a little.
    """

    def __init__(
        self,
        session: Session,
        prefix: str,
        tags: Mapping[str, str],
        wait: Callable[[], None],
        others: Iterable[str] = (),
    ) -> None:
        self._session = session
        self._prefix = f"{prefix}-"
        self._others = tuple(f"{other}-" for other in others)
        self._tags = dict(tags)
        self._wait = wait
        self._sagemaker = session.api("sagemaker")
        self._files = StudioFiles(session, wait)
        self.products = Products(session, f"{prefix}-projects", wait)
        self._met: set[str] = set()

    # --- before Terraform: what would keep it from destroying

    def stop(self) -> Iterator[str]:
        """Stop pipelines, and delete endpoints and Studio apps; what was done, line by line."""
        yield from self._stop_pipelines()
        yield from self._delete_endpoints()
        for domain in self._domains():
            self._met.add(domain)
            yield from self._delete_studio(domain)

    def empty(self, spare: frozenset[str]) -> Iterator[str]:
        """Empty buckets, repositories and model package groups; let tables be deleted; terminate launched products.

        Args:
            spare: what stays as it is: the bucket of Terraform's state, and all that bootstrap made.
        """
        s3 = self._session.api("s3")
        for bucket in self.buckets():
            if bucket not in spare:
                gone = sum(1 for _ in self._versions(bucket))
                for upload in s3.call("list_multipart_uploads", Bucket=bucket).get("Uploads", ()):
                    s3.call(
                        "abort_multipart_upload",
                        Bucket=bucket,
                        Key=upload["Key"],
                        UploadId=upload["UploadId"],
                    )
                if gone:
                    yield f"emptied {bucket}: {gone} versions"
        yield from self._files.delete(self._left_behind())
        yield from self._unprotect_tables(spare)
        yield from self._empty_repositories()
        yield from self._empty_groups()
        yield from self.products.terminate()  # their buckets are empty now

    def _own(self, name: str) -> bool:
        return name.startswith(self._prefix) and not name.startswith(self._others)

    def buckets(self) -> list[str]:
        """Buckets by the first words of their names."""
        found = self._session.api("s3").call("list_buckets")["Buckets"]
        return [each["Name"] for each in found if self._own(each["Name"])]

    def _unprotect_tables(self, spare: frozenset[str]) -> Iterator[str]:
        dynamodb = self._session.api("dynamodb")
        for name in self._tables():
            if not self._own(name) or name in spare:
                continue
            if dynamodb.call("describe_table", TableName=name)["Table"].get("DeletionProtectionEnabled"):
                dynamodb.call("update_table", TableName=name, DeletionProtectionEnabled=False)
                yield f"took the deletion protection from {name}"

    def _tables(self) -> list[str]:
        found: list[str] = []
        more: dict[str, str] = {}
        while True:
            answer = self._session.api("dynamodb").call("list_tables", **more)
            found += answer["TableNames"]
            if not answer.get("LastEvaluatedTableName"):
                return found
            more = {"ExclusiveStartTableName": answer["LastEvaluatedTableName"]}

    def _versions(self, bucket: str) -> Iterator[str]:
        """Delete every version and every delete marker."""
        s3 = self._session.api("s3")
        while True:
            page = s3.call("list_object_versions", Bucket=bucket, MaxKeys=1000)
            found = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
            if not found:
                return
            named = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in found]
            answer = s3.call("delete_objects", Bucket=bucket, Delete={"Objects": named, "Quiet": True})
            if errors := answer.get("Errors"):
                first = errors[0]
                raise AwsError(
                    f"DeleteObjects: {bucket}/{first['Key']}: {first.get('Message')} ({first.get('Code')})",
                    code=str(first.get("Code")),
                    operation="DeleteObjects",
                )
            yield from (each["Key"] for each in found)

    def _stop_pipelines(self) -> Iterator[str]:
        for pipeline in self._named(
            "list_pipelines", "PipelineSummaries", "PipelineName", "PipelineNamePrefix"
        ):
            pages = self._sagemaker.pages(
                "list_pipeline_executions", "PipelineExecutionSummaries", PipelineName=pipeline
            )
            for execution in pages:
                if execution["PipelineExecutionStatus"] not in _ENDED:
                    arn = execution["PipelineExecutionArn"]
                    self._sagemaker.call(
                        "stop_pipeline_execution", PipelineExecutionArn=arn, ClientRequestToken="d" * 32
                    )
                    yield f"stopped {arn.rpartition(':')[2]}"

    def _delete_endpoints(self) -> Iterator[str]:
        kinds = (
            ("list_endpoints", "Endpoints", "EndpointName", "delete_endpoint"),
            ("list_endpoint_configs", "EndpointConfigs", "EndpointConfigName", "delete_endpoint_config"),
            ("list_models", "Models", "ModelName", "delete_model"),
        )
        for listing, members, name, delete in kinds:
            for found in self._named(listing, members, name, "NameContains"):
                with contextlib.suppress(_Gone):
                    self._delete(delete, **{name: found})
                    yield f"deleted {name.removesuffix('Name').lower()} {found}"

    def _named(self, listing: str, members: str, name: str, narrowing: str) -> list[str]:
        """Names of a kind that begin with the root's words."""
        pages = self._sagemaker.pages(listing, members, **{narrowing: self._prefix[:-1]})
        return [each[name] for each in pages if self._own(each[name])]

    # --- Studio

    def _domains(self) -> list[str]:
        pages = self._sagemaker.pages("list_domains", "Domains")
        return [each["DomainId"] for each in pages if self._own(each["DomainName"])]

    def _left_behind(self) -> frozenset[str]:
        """Domains that stood here and are gone."""
        return frozenset(self._met) - set(self._domains()) if self._met else frozenset()

    def _delete_studio(self, domain: str) -> Iterator[str]:
        for app in self._apps(domain):
            owner = {key: app[key] for key in ("UserProfileName", "SpaceName") if app.get(key)}
            with contextlib.suppress(_Gone):
                self._delete(
                    "delete_app", DomainId=domain, AppType=app["AppType"], AppName=app["AppName"], **owner
                )
                yield f"deleted Studio app {app['AppName']}"
        self._until(lambda: not self._apps(domain, ending=True), f"the apps of {domain} to be gone")
        for space in self._spaces(domain):
            with contextlib.suppress(_Gone):
                self._delete("delete_space", DomainId=domain, SpaceName=space)
                yield f"deleted Studio space {space}"
        self._until(lambda: not self._spaces(domain), f"the spaces of {domain} to be gone")

    def _apps(self, domain: str, *, ending: bool = False) -> list[dict[str, Any]]:
        passed = {"Deleted", "Failed"} if ending else {"Deleted", "Failed", "Deleting"}
        pages = self._sagemaker.pages("list_apps", "Apps", DomainIdEquals=domain)
        return [each for each in pages if each["Status"] not in passed]

    def _spaces(self, domain: str) -> list[str]:
        return [
            each["SpaceName"]
            for each in self._sagemaker.pages("list_spaces", "Spaces", DomainIdEquals=domain)
        ]

    # --- repositories and registered models

    def _empty_repositories(self) -> Iterator[str]:
        ecr = self._session.api("ecr")
        for each in ecr.pages("describe_repositories", "repositories", cursor="nextToken"):
            name = each["repositoryName"]
            if self._own(name):
                images = list(ecr.pages("list_images", "imageIds", cursor="nextToken", repositoryName=name))
                for start in range(0, len(images), 100):
                    ecr.call("batch_delete_image", repositoryName=name, imageIds=images[start : start + 100])
                if images:
                    yield f"emptied {name}: {len(images)} images"

    def _empty_groups(self) -> Iterator[str]:
        pages = self._sagemaker.pages("list_model_package_groups", "ModelPackageGroupSummaryList")
        for group in pages:
            if not self._tagged(group["ModelPackageGroupArn"]):
                continue
            name = group["ModelPackageGroupName"]
            packages = list(
                self._sagemaker.pages(
                    "list_model_packages", "ModelPackageSummaryList", ModelPackageGroupName=name
                )
            )
            for package in packages:
                with contextlib.suppress(_Gone):
                    self._delete("delete_model_package", ModelPackageName=package["ModelPackageArn"])
            if packages:
                yield f"emptied {name}: {len(packages)} versions"

    def _tagged(self, arn: str) -> bool:
        found = {
            each["Key"]: each["Value"] for each in self._sagemaker.pages("list_tags", "Tags", ResourceArn=arn)
        }
        return all(found.get(key) == value for key, value in self._tags.items())

    # --- after Terraform

    def finish(self) -> Iterator[str]:
        """Delete the log groups that functions and endpoints made for themselves, and secrets that only wait.

        A secret that waits for its deletion keeps its name from the platform's next beginning.
        """
        yield from self._files.delete(self._left_behind())
        secrets = self._session.api("secretsmanager")
        for each in secrets.pages("list_secrets", "SecretList", IncludePlannedDeletion=True):
            if self._own(each["Name"]) and each.get("DeletedDate"):
                secrets.call("delete_secret", SecretId=each["ARN"], ForceDeleteWithoutRecovery=True)
                yield f"deleted secret {each['Name']} for good"
        for name in self._log_groups():
            self._session.api("logs").call("delete_log_group", logGroupName=name)
            yield f"deleted log group {name}"

    def _log_groups(self) -> list[str]:
        logs = self._session.api("logs")
        found: list[str] = []
        for start in ("/ropeway/", "/aws/lambda/", "/aws/sagemaker/Endpoints/", "/aws/vendedlogs/states/"):
            pages = logs.pages(
                "describe_log_groups",
                "logGroups",
                cursor="nextToken",
                logGroupNamePrefix=f"{start}{self._prefix}",
            )
            names = [str(each["logGroupName"]) for each in pages]
            found += [name for name in names if self._own(name.removeprefix(start))]
        return found

    def left(self, kept: frozenset[str]) -> list[str]:
        """ARNs and names of everything that still carries the tags or the name.

        Args:
            kept: what bootstrap made: ids that its stack has.
        """
        filters = [{"Key": key, "Values": [value]} for key, value in self._tags.items()]
        pages = self._session.api("resourcegroupstaggingapi").pages(
            "get_resources", "ResourceTagMappingList", cursor="PaginationToken", TagFilters=filters
        )
        found = {str(each["ResourceARN"]) for each in pages}
        found |= {f"arn:aws:s3:::{bucket}" for bucket in self.buckets()}
        found |= {f"log group {name}" for name in self._log_groups()}
        found |= {f"role {name}" for name in self._roles()}
        found |= {f"Studio domain {domain}" for domain in self._domains()}
        found |= {
            f"endpoint {name}"
            for name in self._named("list_endpoints", "Endpoints", "EndpointName", "NameContains")
        }
        return sorted(each for each in found if not _is_of(each, kept) and not self._going(each))

    def _roles(self) -> list[str]:
        pages = self._session.api("iam").pages("list_roles", "Roles", cursor="Marker")
        return [each["RoleName"] for each in pages if self._own(each["RoleName"])]

    def _going(self, arn: str) -> bool:
        """Whether a key only waits for its deletion."""
        if ":kms:" not in arn or ":key/" not in arn:
            return False
        key = self._session.api("kms").call("describe_key", KeyId=arn)["KeyMetadata"]
        return bool(key["KeyState"] == "PendingDeletion")

    def bootstrapped(self, stack: str) -> frozenset[str]:
        """Ids of what a stack made, and its own name."""
        try:
            found = self._session.api("cloudformation").call("describe_stack_resources", StackName=stack)
        except AwsError as error:
            if error.code == "ValidationError":
                return frozenset()
            raise
        ids = {str(each.get("PhysicalResourceId", "")) for each in found["StackResources"]}
        return frozenset(ids - {""}) | {stack}

    # --- waiting

    def _delete(self, method: str, **params: Any) -> None:
        try:
            self._sagemaker.call(method, **params)
        except AwsError as error:
            if error.code in _GONE:
                raise _Gone from error
            raise

    def _until(self, done: Callable[[], bool], what: str) -> None:
        for _ in range(_TRIES):
            if done():
                return
            self._wait()
        raise AwsError(f"waited in vain for {what}", code="Timeout", operation="Delete", hint="run it again")


class _Gone(Exception):  # noqa: N818 - what happened, not a mistake
    """It was gone already."""


def _is_of(told: str, ids: frozenset[str]) -> bool:
    """Whether an ARN or a name is one of these ids, or ends in one."""
    tail = told.rpartition(" ")[2]
    words = {tail, tail.rpartition(":")[2], tail.rpartition("/")[2]}
    return bool(words & ids) or any(f"/{name}/" in tail for name in ids)
