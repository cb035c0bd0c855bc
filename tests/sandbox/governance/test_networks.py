"""Rules of security groups keep their descriptions, whatever they let in."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


def test_a_rule_among_groups_keeps_its_description(client: Callable[..., Any]) -> None:
    ec2 = client("ec2")
    first, second = (
        ec2.create_security_group(GroupName=name, Description="d")["GroupId"] for name in ("first", "second")
    )
    ec2.authorize_security_group_ingress(
        GroupId=first,
        IpPermissions=[
            {
                "IpProtocol": "tcp",
                "FromPort": 443,
                "ToPort": 443,
                "UserIdGroupPairs": [{"GroupId": second, "Description": "HTTPS & more"}],
            }
        ],
    )
    ec2.authorize_security_group_egress(
        GroupId=first,
        IpPermissions=[{"IpProtocol": "-1", "UserIdGroupPairs": [{"GroupId": second, "Description": "All"}]}],
    )
    found = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [first]}])
    told = {rule.get("Description") for rule in found["SecurityGroupRules"] if "ReferencedGroupInfo" in rule}
    assert told == {"HTTPS & more", "All"}
