"""What two parts of the file would make or do in one account is refused at its place, and the rest is not."""

from __future__ import annotations

import pytest

from ropeway.config.tfvars import tfvars
from tests.unit.config.examples import complaints, platform

LOOP = "group: severity, train: train, inference: infer, checks: [Check]"
TOP = """\
version: 1
name: acme
forge: {kind: sandbox, organization: acme}
ci: jenkins
"""


def unit(name: str, *lines: str, account: str = "111111111111", operations: str = "444444444444") -> str:
    """A unit with one environment, and further keys."""
    more = "".join(f"    {line}\n" for line in lines)
    return (
        f'  {name}:\n    region: eu-west-1\n    operations: "{operations}"\n'
        f'    environments: {{prod: {{account: "{account}"}}}}\n{more}'
    )


def file(*units: str, shared: bool = False) -> str:
    return f"{TOP}{'shared_accounts: true' + chr(10) if shared else ''}units:\n{''.join(units)}"


def loop(text: str = LOOP, word: str = "severity") -> str:
    return f"retraining: {{{word}: {{{text}}}}}"


RETAIL = unit("retail", loop())
LENDING = "222222222222"
HAS = "the unit 'retail' has the group 'severity', too, in the same account 444444444444"


@pytest.mark.parametrize(
    ("second", "told"),
    [
        (
            unit("lending", loop(), account=LENDING),
            f"f:15:36: units.lending.retraining.severity.group: {HAS}",
        ),
        (
            unit("lending", "model_groups: {severity: ours}", account=LENDING),
            f"f:15:20: units.lending.model_groups.severity: {HAS}",
        ),
        (
            unit("lending", loop(LOOP.replace("severity", "Severity")), account=LENDING),
            "units.lending.retraining.severity.group: the unit 'retail' has the group 'Severity', too",
        ),
    ],
)
def test_a_group_of_two_units_in_one_registry_is_refused(second: str, told: str) -> None:
    (complaint,) = complaints(file(RETAIL, second))
    assert told in complaint
    assert complaint.endswith("| choose another name, or give the units operations accounts of their own")
    assert complaints(file(RETAIL, second.replace("444444444444", "555555555555"))) == []


def test_a_group_of_one_unit_is_made_once_and_told_once() -> None:
    both = f"retraining: {{a: {{{LOOP}}}, b: {{{LOOP.replace(': infer', ': other')}}}}}"
    found = platform(file(unit("retail", "model_groups: {severity: ours}", both)))
    given = tfvars(found, "retail", "operations")
    assert given["model_groups"] == {"severity": "ours"}
    assert given["waiting"] == {"a": "severity"}


SHARED = [
    (
        loop(LOOP.replace("group: severity", "group: other")),
        (
            "units.lending.retraining.severity.inference: 'infer' would retrain twice:"
            " units.retail.retraining.severity watches it, too | keep one of them, with all checks"
        ),
    ),
    (
        loop("group: other, train: other, inference: infer, checks: [Other]", word="other"),
        (
            "units.lending.retraining.other.inference: 'infer' would retrain twice:"
            " units.retail.retraining.severity watches it, too | keep one of them, with all checks"
        ),
    ),
    (
        loop("group: other, train: train, inference: other, checks: [Other]"),
        (
            "units.lending.retraining.severity.train: 'train' would be retrained by two units:"
            " units.retail.retraining.severity names it, too, in the same account 111111111111"
            " | give each unit a training pipeline of its own"
        ),
    ),
    (
        "events: {drift: {d: {pipeline: infer, steps: [Check], retrain: train}}}",
        (
            "units.retail.retraining.severity.inference: 'infer' would retrain twice: the events of 'prod' of the unit"
            " 'lending' have a drift rule for it, too | take the rule out: it retrains each time, whatever was found"
        ),
    ),
]


@pytest.mark.parametrize(("line", "told"), SHARED)
def test_a_pipeline_that_two_parts_would_retrain_is_refused(line: str, told: str) -> None:
    text = file(RETAIL, unit("lending", line), shared=True)
    (complaint,) = complaints(text)
    assert complaint.split(": ", 1)[1] == told
    assert complaints(file(RETAIL, unit("lending", line, account=LENDING))) == []
    elsewhere = unit("lending", line).replace("eu-west-1", "eu-west-2")
    assert complaints(file(RETAIL, elsewhere, shared=True)) == []


def test_a_loop_that_runs_twice_in_one_account_is_refused() -> None:
    two = 'environments: {dev: {account: "111111111111"}, prod: {account: "111111111111"}}'
    text = file(unit("retail", loop(f"{LOOP}, environments: [dev, prod]")), shared=True).replace(
        'environments: {prod: {account: "111111111111"}}', two
    )
    (complaint,) = complaints(text)
    assert (
        "units.retail.retraining.severity.environments: 'infer' would retrain twice: 'dev' and 'prod' are in the"
        " same account 111111111111 | name one of them" in complaint
    )
    assert complaints(text.replace("[dev, prod]", "[dev]")) == []


@pytest.mark.parametrize(
    ("events", "told"),
    [
        (
            "failures: {severity-inference: {pipeline: x}}",
            (
                "'severity' makes the rule 'acme-retail-prod-severity-inference-failed',"
                " and units.retail.events.failures.severity-inference makes it, too"
            ),
        ),
        (
            "failures: {severity-train: {pipeline: x}}",
            (
                "'severity' makes the rule 'acme-retail-prod-severity-train-failed',"
                " and units.retail.events.failures.severity-train makes it, too"
            ),
        ),
        (
            "drift: {severity-data: {pipeline: x, steps: [Check], retrain: y}}",
            (
                "'severity' makes the rule 'acme-retail-prod-severity-data-drift',"
                " and units.retail.events.drift.severity-data makes it, too"
            ),
        ),
    ],
)
def test_a_rule_of_the_name_of_a_loop_s_is_refused(events: str, told: str) -> None:
    (complaint,) = complaints(file(unit("retail", f"events: {{{events}}}", loop())))
    assert "units.retail.retraining.severity: " + told in complaint
    assert complaint.endswith("| choose another word")
    own = f'prod: {{account: "111111111111", events: {{{events}}}}}'
    (complaint,) = complaints(file(unit("retail", loop()).replace('prod: {account: "111111111111"}', own)))
    assert "and units.retail.environments.prod.events." in complaint
    assert complaints(file(unit("retail", f"events: {{{events}}}", loop(word="other")))) == []


def test_a_loop_of_the_name_of_another_environment_s_is_refused() -> None:
    text = file(
        unit("retail", loop(word="prod")), unit("retail-prod", operations="555555555555"), shared=True
    )
    (complaint,) = complaints(text)
    assert (
        "units.retail-prod.environments.prod: 'prod' makes the queue 'acme-retail-prod-prod-dead-letters',"
        " and units.retail.retraining.prod makes it, too" in complaint
    )


def test_a_quota_is_asked_for_once_and_with_one_value() -> None:
    four, eight = (f"quotas: {{training: {{code: L-0123ABCD, value: {value}}}}}" for value in (4, 8))
    text = file(unit("retail", four), unit("lending", eight, account=LENDING))
    (complaint,) = complaints(text)
    assert (
        "units.lending.quotas.training.value: 8 is asked for here, and 4 by units.retail.quotas.training, in the"
        " same account 444444444444 | ask for the larger in both" in complaint
    )
    assert complaints(text.replace("value: 8", "value: 4")) == []
    assert complaints(text.replace("444444444444", "555555555555", 1)) == []
    equal = platform(text.replace("value: 8", "value: 4"))
    asking = [
        site.path
        for site in equal.sites()
        if tfvars(equal, site.unit_name, site.environment_name).get("quotas")
    ]
    assert ("units", "retail", "operations") in asking
    assert ("units", "lending", "operations") not in asking
    assert len(asking) == 3
    twice = "quotas: {a: {code: L-0123ABCD, value: 4}, b: {code: L-0123ABCD, value: 4}}"
    (complaint,) = complaints(file(unit("retail", twice)))
    assert "units.retail.quotas.b: the quota L-0123ABCD is listed twice | keep one of them" in complaint
    other = twice.replace("b: {code", "b: {service: ec2, code")
    assert complaints(file(unit("retail", other))) == []
