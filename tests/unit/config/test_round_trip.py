"""Any valid platform that is written is read back as it was, by Ropeway and by its schema."""

from __future__ import annotations

from typing import Any

import jsonschema
import yaml
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from ropeway.config.load import examine
from ropeway.config.model import Platform
from ropeway.config.schema import schema
from ropeway.config.write import HEADER, render
from tests.unit.config.examples import GOOD, REGIONS, platform

_SCHEMA = jsonschema.Draft202012Validator(schema())
_accounts = st.from_regex(r"[0-9]{12}", fullmatch=True)
# Names at YAML's edges: words that YAML 1.1 takes for something else are among them.
_words = st.sampled_from(["y", "n", "no", "on", "off", "true", "null", "e1", "dev", "a-b", "x1", "yes"])
_tags = st.dictionaries(
    st.text("abzAZ09 .:/=+@-_", min_size=1, max_size=20).filter(
        lambda key: not key.lower().startswith(("aws:", "ropeway:"))
    ),
    st.text("abzAZ09 .:/=+@-_äß", max_size=30),
    max_size=3,
)
_people = st.lists(st.from_regex(r"[a-zA-Z0-9](-?[a-zA-Z0-9]){0,9}", fullmatch=True), max_size=4, unique=True)


def _part(required: dict[str, Any], optional: dict[str, Any]) -> st.SearchStrategy[dict[str, Any]]:
    return st.fixed_dictionaries(required, optional=optional)


_made = _part({}, {"cidr": st.just("10.1.0.0/16"), "zones": st.integers(1, 4), "nat": st.booleans()})
_brought = st.fixed_dictionaries(
    {
        "vpc": st.just("vpc-0a1b2c3d"),
        "subnets": st.just(["subnet-0a1b2c3d", "subnet-1a1b2c3d"]),
        "security_groups": st.just(["sg-0a1b2c3d"]),
    }
)
_key = st.just("arn:aws:kms:eu-west-1:111111111111:key/0a1b2c3d-0a1b-0a1b-0a1b-0a1b2c3d4e5f")
_names = st.sampled_from(["score", "churn-train", "no", "null1", "y"])
_events = _part(
    {},
    {
        "schedules": st.dictionaries(
            _names,
            _part(
                {"pipeline": _names, "expression": st.sampled_from(["rate(1 day)", "cron(0 6 * * ? *)"])},
                {
                    "timezone": st.just("Europe/Zurich"),
                    "parameters": st.dictionaries(
                        _names, st.sampled_from(["1", "no", "a: b", ""]), max_size=2
                    ),
                    "flexible_minutes": st.integers(0, 1440),
                    "enabled": st.booleans(),
                    "description": st.sampled_from(["each night", "yes", "# no"]),
                },
            ),
            max_size=2,
        ),
        "failures": st.dictionaries(
            _names,
            _part({"pipeline": _names}, {"statuses": st.sampled_from([["Failed"], ["Stopped", "Failed"]])}),
            max_size=2,
        ),
        "drift": st.dictionaries(
            _names,
            _part({"pipeline": st.just("a"), "steps": st.just(["Check"]), "retrain": st.just("b")}, {}),
            max_size=2,
        ),
    },
)
_deliveries = st.dictionaries(
    st.just("churn"), _part({"group": _names, "repository": st.sampled_from(["a", "b/c"])}, {}), max_size=1
)
_bounds = _part({"at_least": st.floats(-10, 0.5)}, {"at_most": st.floats(0.5, 1e9)})
_rules = st.dictionaries(
    st.just("churn"),
    _part(
        {"group": _names, "metrics": st.dictionaries(st.just("metrics.accuracy.value"), _bounds, min_size=1)},
        {},
    ),
    max_size=1,
)
_quotas = st.dictionaries(
    _names, _part({"code": st.just("L-0123ABCD"), "value": st.floats(0.5, 1e6)}, {}), max_size=1
)
_automated = {"events": _events, "deliveries": _deliveries, "approval_rules": _rules, "quotas": _quotas}
_place = {
    "quotas": _quotas,
    "keys": _part({}, {"data": _key, "secrets": _key}),
    "permissions_boundary": st.sampled_from(["acme-limits", "no", "a+b=c,d.e@f-g_h", "12"]),
    "monthly_budget": st.integers(1, 10**6),
    "tags": _tags,
}
_environment = _part(
    {"account": _accounts},
    {
        **_place,
        **_automated,
        "reviewers": _people,
        "network": st.one_of(_made, _brought),
        "region": st.just("eu-west-1"),
    },
)
_LOOPS = {
    "x": {
        "group": "g",
        "train": "t",
        "inference": "never-watched",
        "checks": ["Check", "no"],
        "schedule": "cron(0 23 * * ? *)",
        "parameters": {"train": {"A": "007"}},
        "failures": {"train": [], "inference": ["Stopped"]},
        "windows": {"needed": 1, "of": 3},
        "cool_down_hours": 1.5,
        "budget": {"days": 7.0},
    }
}
_unit = _part(
    {
        "region": st.just("eu-west-1"),
        "operations": st.one_of(_accounts, _part({"account": _accounts}, _place)),
        "environments": st.dictionaries(_words, _environment, min_size=1, max_size=4),
    },
    {
        **_automated,
        "model_groups": st.dictionaries(
            _names, st.sampled_from(["", "no", "Customers: who leave"]), max_size=2
        ),
        "retraining": st.just(_LOOPS),
        "products": st.just({"a": {"title": "A", "versions": {"v1": "a.yaml"}, "current": "v1"}}),
        "users": _part({}, {"data_scientists": _people}),
        "network": _made,
        "emails": st.just(["a@b.example", "c+d@e.example"]),
        "tags": _tags,
    },
)
_platform = _part(
    {
        "version": st.just(1),
        "name": _words,
        "forge": _part(
            {"kind": st.just("sandbox"), "organization": st.sampled_from(["acme", "a/b", "007", "no"])},
            {"repository": st.sampled_from(["p", "1e3"]), "host": st.just("git.acme.example")},
        ),
        "ci": st.sampled_from(["github-actions", "gitlab-ci", "jenkins"]),
        "shared_accounts": st.just(True),
        "units": st.dictionaries(_words, _unit, min_size=1, max_size=3),
    },
    {"tags": _tags, "terraform": _part({}, {"lock_table": st.booleans()})},
)


@settings(max_examples=40, deadline=None)
@given(_platform, st.booleans())
def test_what_is_written_is_read_as_it_was(data: dict[str, Any], commented: bool) -> None:
    before = Platform.model_validate(data)
    accounts = [site.account for site in before.sites()]
    assume(len(set(accounts)) == len(accounts))  # groups of the same name in one registry are refused
    text = render(before, commented=commented)
    after, problems = examine(text, "f", REGIONS)
    assert problems == []
    assert after == before
    assert after is not None
    assert [list(unit.environments) for unit in after.units.values()] == [
        list(unit.environments) for unit in before.units.values()
    ]
    assert [error.message for error in _SCHEMA.iter_errors(yaml.safe_load(text))] == []


def test_the_text_names_the_schema_first_and_tells_what_else_there_is() -> None:
    text = render(platform())
    assert text.startswith(HEADER)
    assert "# users: {" in text
    assert platform(text.replace("    # users:", "    users:")).units["retail"].users.leads == ("kim",)


def test_every_commented_example_is_valid() -> None:
    text = render(platform())
    for line in [
        line for line in text.splitlines() if (line.startswith("    # ") and "{" in line) or "[" in line
    ]:
        if line.startswith("    # "):
            platform(text.replace(line, line.replace("# ", "", 1)))


def test_the_schema_refuses_what_the_types_do() -> None:
    for old, new in (
        ('"111111111111"', "111111111111"),
        ("prod:", "Prod:"),
        ("ci:", "cy:"),
        ("retail:", "re tail:"),
    ):
        assert list(_SCHEMA.iter_errors(yaml.safe_load(GOOD.replace(old, new)))), new


def test_a_site_has_what_it_inherits() -> None:
    text = GOOD.replace("ci: g", "tags: {a: platform, b: platform}\nci: g").replace(
        'preprod: {account: "222222222222"}',
        'preprod: {account: "222222222222", region: eu-west-2, tags: {b: own}, network: {zones: 3}}',
    )
    found = platform(text.replace("    environments:", "    network: {nat: true}\n    environments:"))
    operations, dev, preprod, _ = found.sites()
    assert (operations.is_operations, operations.account, operations.region) == (
        True,
        "444444444444",
        "eu-west-1",
    )
    assert (dev.region, dev.network.nat, dev.names.first) == ("eu-west-1", True, True)
    assert (preprod.region, preprod.network.zones, preprod.network.nat) == ("eu-west-2", 3, None)
    assert preprod.tags == {
        "a": "platform",
        "b": "own",
        "ropeway:platform": "acme",
        "ropeway:unit": "retail",
        "ropeway:environment": "preprod",
    }
    assert found.site("retail", "preprod").path == ("units", "retail", "environments", "preprod")
    assert found.site("retail", "operations").path == ("units", "retail", "operations")
