"""The words a configuration is made of: each knows its pattern and tells in plain words what it wants."""

from __future__ import annotations

import ipaddress
import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import AfterValidator, GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic_core import PydanticCustomError, core_schema

__all__ = [
    "Account",
    "Branch",
    "Cidr",
    "EnvironmentName",
    "ForgeHost",
    "KeyArn",
    "Mail",
    "Organization",
    "PlatformName",
    "PolicyName",
    "Region",
    "Repository",
    "Reviewer",
    "SecurityGroupId",
    "SubnetId",
    "TagName",
    "TagValue",
    "UnitName",
    "UserName",
    "VpcId",
    "wrong",
]


def wrong(message: str, advice: str) -> PydanticCustomError:
    """An error in our words; pydantic carries it to ``explain``."""
    return PydanticCustomError("ropeway", "{message}", {"message": message, "advice": advice})


@dataclass(frozen=True)
class Text:
    """A text of one pattern.

    Attributes:
        pattern: what it must match, as a whole.
        what: what it should have been: ``'x' is not a region``.
        advice: what to write.
    """

    pattern: str
    what: str
    advice: str

    def __get_pydantic_core_schema__(
        self, source: Any, handler: GetCoreSchemaHandler
    ) -> core_schema.CoreSchema:
        def check(value: str) -> str:
            if not re.fullmatch(self.pattern, value):  # compiled when first used: most are not
                raise wrong(f"{value!r} is not {self.what}", self.advice)
            return value

        return core_schema.no_info_after_validator_function(check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: core_schema.CoreSchema, handler: GetJsonSchemaHandler
    ) -> dict[str, Any]:
        return {**handler(schema), "pattern": f"^(?:{self.pattern})$"}


def _name(most: int, example: str) -> Text:
    return Text(
        rf"(?=.{{1,{most}}}$)[a-z][a-z0-9]*(-[a-z0-9]+)*",
        "a name",
        f"write 1 to {most} small letters, digits and single dashes, a letter first, such as {example}",
    )


def _cidr(value: str) -> str:
    try:
        network = ipaddress.IPv4Network(value)
    except ValueError as error:
        raise wrong(f"{value!r} is not a network", "write an IPv4 network such as 10.0.0.0/16") from error
    if not network.is_private or not 16 <= network.prefixlen <= 24:
        raise wrong(
            f"{value!r} is not a private network of /16 to /24",
            "choose one of 10.0.0.0/8, such as 10.1.0.0/16",
        )
    return value


def _policy(value: str) -> str:
    if value.startswith("arn:"):
        raise wrong(
            "an ARN holds for one account only", "write the policy's name; it is looked up in each account"
        )
    if not re.fullmatch(r"[\w+=,.@-]{1,128}", value):
        raise wrong(f"{value!r} is not the name of a policy", "write the name that IAM shows for it")
    return value


# A region is checked against botocore's list by the rules, which know it.
Region = Annotated[
    str, Text(r"[a-z]{2,5}(-[a-z]+)+-\d+", "a region", "write a region's code, such as eu-west-1")
]
Account = Annotated[
    str,
    Text(
        r"\d{12}", "an account number", 'write the account\'s twelve digits in quotes, such as "111111111111"'
    ),
]
PlatformName = Annotated[str, _name(20, "acme")]
UnitName = Annotated[str, _name(20, "retail")]
EnvironmentName = Annotated[str, _name(12, "preprod")]
UserName = Annotated[
    str,
    Text(
        r"[a-zA-Z0-9](-?[a-zA-Z0-9]){0,47}",
        "the name of a Studio user",
        "write up to 48 letters, digits and single dashes; Studio takes no dots and no @",
    ),
]
Reviewer = Annotated[
    str, Text(r"@?[\w.-]+(/[\w.-]+)*", "a login or a team", "write a login, or a team as organization/team")
]
Organization = Annotated[
    str,
    Text(
        r"[A-Za-z0-9_][\w.-]*(/[\w.-]+)*",
        "an organization or group",
        "write it as its address shows it, such as acme-ml",
    ),
]
Repository = Annotated[
    str, Text(r"[A-Za-z0-9_][\w.-]*", "a repository's name", "write the name alone, without the organization")
]
ForgeHost = Annotated[
    str,
    Text(
        r"[A-Za-z0-9]([A-Za-z0-9-]*\.)+[A-Za-z]{2,}",
        "a host name",
        "write the host alone, such as gitlab.acme.example",
    ),
]
Branch = Annotated[str, Text(r"[\w][\w./-]*", "a branch", "write the branch's name, such as main")]
Mail = Annotated[
    str, Text(r"[^@\s]+@[^@\s]+\.[^@\s]+", "a mail address", "write one such as ml-team@acme.example")
]
VpcId = Annotated[str, Text(r"vpc-[0-9a-f]{8,17}", "a VPC's id", "write one such as vpc-0123456789abcdef0")]
SubnetId = Annotated[
    str, Text(r"subnet-[0-9a-f]{8,17}", "a subnet's id", "write one such as subnet-0123456789abcdef0")
]
SecurityGroupId = Annotated[
    str, Text(r"sg-[0-9a-f]{8,17}", "a security group's id", "write one such as sg-0123456789abcdef0")
]
KeyArn = Annotated[
    str,
    Text(
        r"arn:aws[a-z-]*:kms:[a-z0-9-]+:\d{12}:key/(mrk-)?[0-9a-f-]{32,36}",
        "the ARN of a KMS key",
        "write the key's own ARN (…:key/…), not its id and not an alias",
    ),
]
TagName = Annotated[
    str,
    Text(
        r"(?![Aa][Ww][Ss]:|ropeway:)[\w .:/=+@-]{1,128}",
        "the name of a tag",
        "write 1 to 128 letters, digits, blanks or . : / = + @ -; aws: and ropeway: are taken",
    ),
]
TagValue = Annotated[
    str,
    Text(
        r"[\w .:/=+@-]{0,256}",
        "a tag's value",
        "write at most 256 letters, digits, blanks or . : / = + @ _ -",
    ),
]
Cidr = Annotated[str, AfterValidator(_cidr)]
PolicyName = Annotated[str, AfterValidator(_policy)]
