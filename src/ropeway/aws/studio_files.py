"""What SageMaker makes around a Studio domain and leaves behind it: the file system of homes, and two security groups.

The file system carries the domain's ARN in a tag; the groups carry its id in their names, and keep their VPC from being
deleted. They go only once the domain is gone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from ropeway.aws.session import Session
from ropeway.errors import AwsError

__all__ = ["StudioFiles"]

_TAG = "ManagedByAmazonSageMakerResource"
_TRIES = 200


class StudioFiles:
    """One account's.

    Args:
        session: of the apply role.
        wait: waits a little.
    """

    def __init__(self, session: Session, wait: Callable[[], None]) -> None:
        self._session = session
        self._wait = wait

    def delete(self, domains: frozenset[str]) -> Iterator[str]:
        """Delete what domains left, given their ids; what was done, line by line."""
        if not domains:
            return
        for each in self._listed("describe_file_systems", "FileSystems"):
            owner = next((tag["Value"] for tag in each.get("Tags", ()) if tag["Key"] == _TAG), "")
            if owner.rpartition("/")[2] in domains:
                yield from self._delete_file_system(each["FileSystemId"])
        yield from self._delete_groups(domains)

    def _delete_file_system(self, id_: str) -> Iterator[str]:
        efs = self._session.api("efs")
        for target in self._targets(id_):
            efs.call("delete_mount_target", MountTargetId=target)
        for _ in range(_TRIES):
            if not self._targets(id_):
                break
            self._wait()
        efs.call("delete_file_system", FileSystemId=id_)
        yield f"deleted Studio's file system {id_}"

    def _targets(self, id_: str) -> list[str]:
        found = self._listed("describe_mount_targets", "MountTargets", FileSystemId=id_)
        return [each["MountTargetId"] for each in found]

    def _listed(self, method: str, member: str, **params: str) -> Iterator[dict[str, Any]]:
        more: dict[str, str] = {}
        while True:
            answer = self._session.api("efs").call(method, **params, **more)
            yield from answer[member]
            if not answer.get("NextMarker"):
                return
            more = {"Marker": answer["NextMarker"]}

    def _delete_groups(self, domains: frozenset[str]) -> Iterator[str]:
        ec2 = self._session.api("ec2")
        names = [
            f"security-group-for-{way}-nfs-{domain}"
            for domain in sorted(domains)
            for way in ("inbound", "outbound")
        ]
        filters = [{"Name": "group-name", "Values": names}]
        groups = list(ec2.pages("describe_security_groups", "SecurityGroups", Filters=filters))
        for group in groups:  # they name each other
            for way, rules in (("ingress", "IpPermissions"), ("egress", "IpPermissionsEgress")):
                if group.get(rules):
                    ec2.call(
                        f"revoke_security_group_{way}", GroupId=group["GroupId"], IpPermissions=group[rules]
                    )
        for group in groups:
            try:
                ec2.call("delete_security_group", GroupId=group["GroupId"])
            except AwsError as error:
                if error.code != "InvalidGroup.NotFound":
                    raise
            yield f"deleted security group {group['GroupName']}"
