"""Wrong files, and exactly what is said about them."""

from __future__ import annotations

from pathlib import Path

import pytest

from ropeway.config.load import load
from ropeway.errors import ConfigError, UsageError
from tests.unit.config.examples import GOOD, complaints, platform

NAME = "write 1 to 20 small letters, digits and single dashes, a letter first, such as"
DIGITS = 'write the account\'s twelve digits in quotes, such as "111111111111"'
SECRET = "take it out, and replace the secret if the file was shared: secrets belong to AWS Secrets Manager"
TWICE = "give each environment an account of its own, or say 'shared_accounts: true' at the top for a trial"
VPC = "{vpc: vpc-0a1b2c3d, subnets: [subnet-0a1b2c3d], security_groups: [sg-0a1b2c3d]}"
KEY = "arn:aws:kms:us-east-1:111111111111:key/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f"
DEV = 'dev: {account: "111111111111"}'
UNIT = "units.retail"

# What is replaced in the good file, by what, and the problem that makes.
ONE_WRONG = [
    ("version: 1", "version: 2", "f:1:10: version: 2 is not 1 | write 1"),
    ("version: 1\n", "", "f:1:1: 'version' is missing | add it: version of this format"),
    ("name: acme", "name: Acme", f"f:2:7: name: 'Acme' is not a name | {NAME} acme"),
    ("name: acme", "name: 7", 'f:2:7: name: must be text, not a number | write it in quotes: "7"'),
    ("name: acme", "name:", "f:2:1: name: has no value | give it one, or take the key out"),
    ("name: acme", "name: [a]", "f:2:1: name: must be text, not a list | write one value"),
    ("kind: github", "kind: githib", ("f:3:15: forge.kind: 'githib' is not github or gitlab or sandbox"
     " | did you mean 'github'?")),
    ("ci: github-actions", "ci: gitlab-ci", ("f:4:5: ci: 'gitlab-ci' does not run on 'github'"
     " | write 'kind: gitlab' under forge, or another ci")),
    ("{kind: github, organization: acme-ml}", "acme-ml", ("f:3:8: forge: must be a mapping, not text"
     " | write 'key: value' lines below it, indented")),
    ("environments:", "enviroments:", (f"f:9:5: {UNIT}.enviroments: unknown key 'enviroments'"
     " | did you mean 'environments'?")),
    ("region: eu-west-1", "region: eu-west-9", (f"f:7:13: {UNIT}.region: 'eu-west-9' is not a region that AWS has"
     " | did you mean 'eu-west-2'?")),
    ("region: eu-west-1", "region: ${REGION}", (f"f:7:13: {UNIT}.region: '${{REGION}}' is not expanded:"
     " environment variables are not read here | write the value itself; the file is the single source")),
    ('"444444444444"', "012345670123", (f"f:8:17: {UNIT}.operations.account: must be text, not a number"
     ' | write it in quotes: "012345670123"')),
    ('"444444444444"', '"4444"', f"f:8:17: {UNIT}.operations.account: '4444' is not an account number | {DIGITS}"),
    ('"222222222222"', '"111111111111"', (f"f:11:26: {UNIT}.environments.preprod.account: account 111111111111"
     f" is listed twice: it is {UNIT}.environments.dev, too | {TWICE}")),
    ("  retail:", "  Retail:", f"f:6:3: units.Retail: 'Retail' is not a name | {NAME} retail"),
    ("      dev:", "      operations:", (f"f:10:7: {UNIT}.environments.operations: 'operations' is the name of the"
     " operations account | choose another name, such as dev")),
    ("[lead-ds]", "lead-ds", (f"f:12:50: {UNIT}.environments.prod.reviewers: must be a list, not text"
     " | write it as [first, second]")),
    ("[lead-ds]", "[a, b, a]", (f"f:12:57: {UNIT}.environments.prod.reviewers[2]: 'a' is listed twice"
     " | keep one of them")),
    (DEV, DEV[:-1] + f", network: {VPC[:-1]}, nat: true}}}}", (f"f:10:38: {UNIT}.environments.dev.network:"
     " 'vpc' and 'nat' exclude each other | take 'nat' out, or let Ropeway make the VPC")),
    (DEV, DEV[:-1] + ", network: {vpc: vpc-0a1b2c3d}}", (f"f:10:38: {UNIT}.environments.dev.network: 'vpc' needs"
     " 'subnets' and 'security_groups' | add those of your VPC that jobs shall use")),
    (DEV, DEV[:-1] + ", network: {subnets: [subnet-0a1b2c3d]}}", (f"f:10:38: {UNIT}.environments.dev.network:"
     " 'subnets' and 'security_groups' belong to a VPC of your own | add its 'vpc', or take them out")),
    (DEV, DEV[:-1] + ", network: {cidr: 8.8.0.0/16}}", (f"f:10:54: {UNIT}.environments.dev.network.cidr:"
     " '8.8.0.0/16' is not a private network of /16 to /24 | choose one of 10.0.0.0/8, such as 10.1.0.0/16")),
    (DEV, DEV[:-1] + ", network: {cidr: 10.0.0.1/16}}", (f"f:10:54: {UNIT}.environments.dev.network.cidr:"
     " '10.0.0.1/16' is not a network | write an IPv4 network such as 10.0.0.0/16")),
    (DEV, DEV[:-1] + ", network: {zones: 9}}", (f"f:10:55: {UNIT}.environments.dev.network.zones:"
     " must be 4 or less | write 4 or less")),
    (DEV, DEV[:-1] + ", network: {zones: 0}}", (f"f:10:55: {UNIT}.environments.dev.network.zones:"
     " must be 1 or more | write 1 or more")),
    (DEV, DEV[:-1] + ", network: {nat: 1}}", (f"f:10:53: {UNIT}.environments.dev.network.nat:"
     " must be true or false, not a number | write true or false, without quotes")),
    (DEV, DEV[:-1] + ', monthly_budget: "9"}', (f"f:10:54: {UNIT}.environments.dev.monthly_budget:"
     " must be a whole number, not text | write digits, without quotes")),
    (DEV, DEV[:-1] + f', keys: {{data: "{KEY}"}}}}', (f"f:10:51: {UNIT}.environments.dev.keys.data: the key is in"
     " us-east-1, the environment in eu-west-1 | name a key of the environment's region; a multi-region key has a"
     " replica's ARN there")),
    (DEV, DEV[:-1] + ", keys: {data: alias/x}}", (f"f:10:51: {UNIT}.environments.dev.keys.data: 'alias/x' is not the"
     " ARN of a KMS key | write the key's own ARN (…:key/…), not its id and not an alias")),
    (DEV, DEV[:-1] + ', permissions_boundary: "arn:aws:iam::1:policy/x"}', (f"f:10:60:"
     f" {UNIT}.environments.dev.permissions_boundary: an ARN holds for one account only"
     " | write the policy's name; it is looked up in each account")),
    (DEV, DEV[:-1] + ", region: cn-north-1}", (f"f:10:46: {UNIT}.environments.dev.region: 'cn-north-1' is in the"
     " partition 'aws-cn', the unit's 'eu-west-1' in 'aws'"
     " | make it a unit of its own: partitions cannot reach each other")),
    (DEV, "dev:", f"f:10:7: {UNIT}.environments.dev: has no value | give it one, or take the key out"),
    (DEV, "dev: {region: eu-west-1}", (f"f:10:7: {UNIT}.environments.dev: 'account' is missing"
     " | add it: twelve digits, in quotes")),
    (DEV, f"{DEV}\n      {DEV}", (f"f:11:7: {UNIT}.environments.dev: given twice, first in line 10"
     " | keep one of them")),
    ("environments:\n", f"network: {VPC}\n    environments:\n", (f"f:9:20: {UNIT}.network.vpc: 'vpc-0a1b2c3d' is in"
     " one account, and the unit has 3 | give each environment its own 'network'")),
    ("environments:\n", "users: {data_scientists: [a], leads: [b, a]}\n    environments:\n", (f"f:9:46:"
     f" {UNIT}.users.leads[1]: 'a' is a data scientist, too | list each user once")),
    ("environments:\n", "users: {leads: [a.b]}\n    environments:\n", (f"f:9:21: {UNIT}.users.leads[0]: 'a.b' is not"
     " the name of a Studio user | write up to 48 letters, digits and single dashes; Studio takes no dots and no @")),
    ("environments:\n", "emails: [nobody]\n    environments:\n", (f"f:9:14: {UNIT}.emails[0]: 'nobody' is not a mail"
     " address | write one such as ml-team@acme.example")),
    ("ci: github-actions", "ci: github-actions\ntags: {aws:x: y}", ("f:5:8: tags.aws:x: 'aws:x' is not the name of a"
     " tag | write 1 to 128 letters, digits, blanks or . : / = + @ -; aws: and ropeway: are taken")),
    ("ci: github-actions", "ci: github-actions\ntags: {cost: 012}", ("f:5:14: tags.cost: must be text, not a number"
     ' | write it in quotes: "012"')),
    ("acme-ml}", "acme-ml, token: x}", "f:3:46: forge.token: 'token' would hold a secret | " + SECRET),
    ("acme-ml}", "glpat-aaaaaaaaaaaaaaaaaaaa}", "f:3:37: forge.organization: the value looks like a secret | "
     + SECRET),
    ("name: acme", "name: !!python/name:os.system acme", ("f:2:7: name: the tag !!python/name:os.system is not read"
     " | write plain text")),
    ("ci: github-actions", "ci: jenkins\n<<: {a: b}", "f:5:1: <<: merge keys are not read | write the values out"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "told"), ONE_WRONG, ids=[told.split(" | ")[0] for *_, told in ONE_WRONG]
)
def test_one_thing_wrong_is_told_once_and_exactly(old: str, new: str, told: str) -> None:
    assert GOOD.count(old) >= 1
    found = complaints(GOOD.replace(old, new, 1))
    assert found == [told]


NOT_YAML = [
    ("", "f:1:1: the file is empty | ropeway init writes one"),
    ("# nothing\n", "f:1:1: the file is empty | ropeway init writes one"),
    ("a: b: c", "f:1:5: not YAML: mapping values are not allowed here | put text that holds a colon into quotes"),
    ("a:\n\tb: 1", ("f:2:1: not YAML: found character '\\t' that cannot start any token while scanning for the next"
     " token | indent with blanks, not with tabs")),
    ("a: [", ("f:1:5: not YAML: expected the node content, but found '<stream end>' while parsing a flow node"
     " | look at this line and the one before: indentation, quotes, brackets")),
    ("a: 1\n---\nb: 2", ("f:2:1: not YAML: but found another document expected a single document in the stream"
     " | look at this line and the one before: indentation, quotes, brackets")),
    ("a: &x [*x]", "f:1:4: aliases make the file endless | write the values out"),
    ("[" * 3000, "f:1:1: nested too deeply | write it as the guide shows it"),
    ("text", "f:1:1: must be a mapping, not text | write 'key: value' lines below it, indented"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "told"), NOT_YAML, ids=range(len(NOT_YAML)))
def test_what_is_no_description_at_all_is_told(text: str, told: str) -> None:
    assert complaints(text) == [told]


def test_aliases_that_blow_up_are_refused() -> None:
    text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n"
    for level in range(1, 7):
        text += f"a{level}: &a{level} [{', '.join([f'*a{level - 1}'] * 10)}]\n"
    assert complaints(text)[0].endswith("aliases make the file endless | write the values out")


def test_all_problems_are_told_at_once_in_the_order_of_the_file() -> None:
    text = (
        GOOD.replace("name: acme", "name: Acme\nowner: me")
        .replace("eu-west-1", "eu-west-9")
        .replace('"444444444444"', "444444444444")
        .replace('"222222222222"', '"111111111111"')
        .replace("reviewers", "revewers")
    )
    assert [told.split(" ")[0] + " " + told.split(" ")[1] for told in complaints(text)] == [
        "f:2:7: name:",
        "f:3:1: owner:",
        "f:8:13: units.retail.region:",
        "f:9:17: units.retail.operations.account:",
        "f:12:26: units.retail.environments.preprod.account:",
        "f:13:39: units.retail.environments.prod.revewers:",
    ]


def test_names_that_grow_too_long_are_told_with_what_to_cut() -> None:
    text = GOOD.replace("acme\n", "a-long-platform-name\n").replace("retail", "a-long-unit-name-too")
    told = complaints(text)
    assert told[1] == (
        "f:10:7: units.a-long-unit-name-too.environments.dev: names are too long: the project bucket"
        f" 'a-long-platform-name-a-long-unit-name-too-dev-{'p' * 20}-111111111111', with room for a project's name,"
        " has 79 characters, and AWS allows 63"
        " | shorten the platform's, the unit's or the environment's name by 16"
    )
    assert len(told) == 4


def test_a_secret_is_never_repeated() -> None:
    secret = "AKIAABCDEFGHIJKLMNOP"
    (told,) = complaints(GOOD.replace("lead-ds", secret))
    assert secret not in told


def test_accounts_may_be_shared_when_that_is_said() -> None:
    text = GOOD.replace("222222222222", "111111111111").replace(
        "version: 1", "version: 1\nshared_accounts: true"
    )
    first, second, *_ = [site.names for site in platform(text).sites()][1:]
    ours = {derived.name for derived in first.derived()}
    assert ours.isdisjoint(derived.name for derived in second.derived())


def test_operations_may_be_played_by_an_environment_or_shared_by_units() -> None:
    other = GOOD[GOOD.index("  retail:") :].replace("retail", "other")
    for old, new in (
        ("111111111111", "555555555555"),
        ("222222222222", "666666666666"),
        ("333333333333", "7" * 12),
    ):
        other = other.replace(old, new)
    platform(GOOD.replace("444444444444", "111111111111"))
    platform(GOOD + other)
    assert "is listed twice" in complaints(GOOD + other.replace("444444444444", "222222222222"))[0]


def test_s1_names_collide_in_one_account() -> None:
    text = GOOD.replace("222222222222", "111111111111").replace(
        "version: 1", "version: 1\nshared_accounts: true\ncompatibility: s1"
    )
    (told,) = complaints(text)
    assert told.startswith(
        "f:3:16: compatibility: S1's parameters carry no environment: units.retail.environments.dev"
    )


def test_keys_are_text_as_written() -> None:
    found = platform(GOOD.replace("      dev:", "      no:").replace("      prod:", "      on:"))
    assert list(found.units["retail"].environments) == ["no", "preprod", "on"]


def test_load_reads_a_file_and_tells_all_its_problems(tmp_path: Path) -> None:
    file = tmp_path / "ropeway.yaml"
    file.write_text("\ufeff" + GOOD, encoding="utf-8")
    assert load(file).name == "acme"
    file.write_text(GOOD.replace("acme", "Acme").replace("github-", "github_"), encoding="utf-8")
    with pytest.raises(ConfigError) as caught:
        load(file)
    assert [message.split(" ")[0] for message, _ in caught.value.told()] == [f"{file}:2:7:", f"{file}:4:5:"]
    assert str(caught.value).startswith(f"{file}:2:7: name: 'Acme'")


@pytest.mark.parametrize(
    ("content", "message"), [(None, "there is no"), (b"\xff\xfe", "not UTF-8 text, at byte 0")]
)
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, content: bytes | None, message: str) -> None:
    file = tmp_path / "ropeway.yaml"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(UsageError, match=message):
        load(file)
    with pytest.raises(UsageError, match="Is a directory"):
        load(tmp_path)
