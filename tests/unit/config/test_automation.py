"""What happens by itself: every key reaches its variable, and what is wrong with one is told at its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from ropeway.config.automation_vars import templates
from ropeway.config.load import load
from ropeway.config.tfvars import tfvars
from ropeway.config.write import render
from ropeway.errors import ConfigError
from tests.unit.config.examples import GOOD, complaints, platform

ACCOUNT = {"dev": "111111111111", "preprod": "222222222222", "prod": "333333333333"}


def unit(text: str) -> str:
    """The good file with keys of the unit."""
    return GOOD.replace("    environments:\n", f"    {text}\n    environments:\n")


def own(text: str) -> str:
    """The good file with keys of dev."""
    return GOOD.replace('{account: "111111111111"}', f'{{account: "111111111111", {text}}}')


def given(text: str, environment: str = "dev") -> dict[str, Any]:
    """The variables of one root."""
    return tfvars(platform(text), "retail", environment)


def test_a_schedule_names_its_pipeline_and_gets_the_arn_of_each_environment() -> None:
    text = unit(
        "events: {schedules: {daily: {pipeline: score, expression: rate(1 day), timezone: Europe/Zurich,"
        ' parameters: {Rows: "10"}, flexible_minutes: 5, enabled: false, description: each night}}}'
    )
    for environment, account in ACCOUNT.items():
        assert given(text, environment)["events"] == {
            "schedules": {
                "daily": {
                    "pipeline_arn": f"arn:aws:sagemaker:eu-west-1:{account}:pipeline/score",
                    "expression": "rate(1 day)",
                    "timezone": "Europe/Zurich",
                    "parameters": {"Rows": "10"},
                    "flexible_minutes": 5,
                    "enabled": False,
                    "description": "each night",
                }
            }
        }
    assert "events" not in given(text, "operations")


def test_an_arn_is_of_the_regions_partition() -> None:
    china = unit("events: {failures: {score: {pipeline: score}}}").replace("eu-west-1", "cn-north-1")
    failure = given(china)["events"]["failures"]["score"]
    assert failure["pipeline_arn"] == "arn:aws-cn:sagemaker:cn-north-1:111111111111:pipeline/score"
    assert failure["statuses"] == ["Failed"]


def test_drift_names_the_pipeline_that_checks_and_the_one_that_trains() -> None:
    drift = given(unit("events: {drift: {score: {pipeline: score, steps: [Check], retrain: train}}}"))
    assert drift["events"]["drift"]["score"] == {
        "pipeline_arn": "arn:aws:sagemaker:eu-west-1:111111111111:pipeline/score",
        "steps": ["Check"],
        "retrain_arn": "arn:aws:sagemaker:eu-west-1:111111111111:pipeline/train",
        "parameters": {},
    }


def test_an_environments_events_take_the_place_of_the_units() -> None:
    text = unit("events: {failures: {score: {pipeline: score}}}").replace(
        'dev: {account: "111111111111"}', 'dev: {account: "111111111111", events: {}}'
    )
    assert "events" not in given(text, "dev")
    assert set(given(text, "prod")["events"]) == {"failures"}


def test_deliveries_are_of_the_forges_organization_unless_they_say_another() -> None:
    text = unit(
        "deliveries: {churn: {group: churn, repository: churn},"
        " other: {group: other, repository: else/other, workflow: go.yml, ref: v1}}"
    )
    assert given(text)["deliveries"] == {
        "churn": {
            "group": "churn",
            "repository": "acme-ml/churn",
            "workflow": "deploy.yml",
            "ref": "main",
        },
        "other": {"group": "other", "repository": "else/other", "workflow": "go.yml", "ref": "v1"},
    }


def test_approval_rules_keep_only_the_bounds_that_are_written() -> None:
    text = own("approval_rules: {churn: {group: churn, metrics: {metrics.accuracy.value: {at_least: 0.9}}}}")
    assert given(text)["approval_rules"] == {
        "churn": {"group": "churn", "metrics": {"metrics.accuracy.value": {"at_least": 0.9}}}
    }
    assert "approval_rules" not in given(text, "preprod")


def test_quotas_and_budgets_are_the_units_or_the_accounts_own() -> None:
    text = unit("quotas: {training: {code: L-0123ABCD, value: 4}}\n    monthly_budget: 100").replace(
        '{account: "111111111111"}', '{account: "111111111111", monthly_budget: 7, quotas: {}}'
    )
    assert "quotas" not in given(text, "dev")
    assert given(text, "dev")["monthly_budget"] == 7
    for environment in ("preprod", "operations"):
        assert given(text, environment)["quotas"] == {
            "training": {"service": "sagemaker", "code": "L-0123ABCD", "value": 4}
        }
        assert given(text, environment)["monthly_budget"] == 100


def test_model_groups_stand_in_operations() -> None:
    text = unit("model_groups: {churn: Customers who leave}")
    assert given(text, "operations")["model_groups"] == {"churn": "Customers who leave"}
    assert "model_groups" not in given(text)


def test_interface_endpoints_are_the_networks() -> None:
    text = unit("network: {interface_endpoints: [sts, sagemaker.api], zones: 3}")
    assert given(text)["interface_endpoints"] == ["sts", "sagemaker.api"]
    assert given(text)["network"] == {"zones": 3}
    assert "interface_endpoints" not in given(GOOD)


def test_products_are_the_first_environments_and_told_by_where_they_are_put(tmp_path: Path) -> None:
    text = unit("products: {training: {title: Training, versions: {v1: t/a.yaml}, current: v1}}")
    assert given(text)["products"] == {
        "training": {
            "title": "Training",
            "description": "",
            "current": "v1",
            "versions": {"v1": "../../products/training/v1.yaml"},
        }
    }
    assert "products" not in given(text, "prod")
    places = {
        name: list(templates(platform(text).site("retail", name))) for name in ("operations", "dev", "prod")
    }
    assert places == {"operations": [], "dev": [("products/training/v1.yaml", "t/a.yaml")], "prod": []}
    file = tmp_path / "ropeway.yaml"
    file.write_text(text)
    with pytest.raises(ConfigError, match=r"versions\.v1: there is no file 't/a\.yaml'"):
        load(file)
    (tmp_path / "t").mkdir()
    (tmp_path / "t" / "a.yaml").write_text("Resources: {}")
    assert load(file).units["retail"].products["training"].title == "Training"


E = "units.retail.events"
WRONG = [
    ("events: {schedules: {daily: {pipeline: score, expression: daily}}}",
     (f"{E}.schedules.daily.expression: 'daily' is not when something starts | write cron(0 6 * * ? *) with six fields,"
     " rate(1 day), or at(2027-01-31T06:00:00)")),
    ("events: {schedules: {daily: {pipeline: score, expression: rate(1 day), timezone: Europe/Zurch}}}",
     f"{E}.schedules.daily.timezone: 'Europe/Zurch' is not a time zone | write UTC, or a name such as Europe/Zurich"),
    ("events: {schedules: {daily: {pipeline: score, expression: rate(1 day), flexible_minutes: 2000}}}",
     f"{E}.schedules.daily.flexible_minutes: must be 1440 or less | write 1440 or less"),
    ("events: {schedules: {daily: {pipeline: score, expression: rate(1 day), parameters: {Rows: 10}}}}",
     f"{E}.schedules.daily.parameters.Rows: must be text, not a number | write it in quotes: \"10\""),
    ("events: {schedules: {a-word-that-is-too-long: {pipeline: score, expression: rate(1 day)}}}",
     (f"{E}.schedules.a-word-that-is-too-long: 'a-word-that-is-too-long' is not a word for it | write 1 to 20 letters,"
     " digits and dashes: names of rules are made of it")),
    ("events: {failures: {score: {pipeline: 'arn:aws:sagemaker:x:1:pipeline/score'}}}",
     (f"{E}.failures.score.pipeline: 'arn:aws:sagemaker:x:1:pipeline/score' is not a pipeline's name | write small"
     " letters, digits and dashes: the name alone, its ARN follows from account and region")),
    ("events: {failures: {score: {pipeline: score, statuses: [Succeeded]}}}",
     f"{E}.failures.score.statuses[0]: 'Succeeded' is not Failed or Stopped | write one of them"),
    ("events: {failures: {score: {pipeline: score, statuses: [Failed, Failed]}}}",
     f"{E}.failures.score.statuses: an end is listed twice | keep one of them"),
    ("events: {drift: {score: {pipeline: score, steps: [], retrain: train}}}",
     f"{E}.drift.score.steps: must not be empty | add at least one entry"),
    ("events: {drift: {score: {pipeline: score, steps: [A, A], retrain: train}}}",
     f"{E}.drift.score.steps[1]: 'A' is listed twice | keep one of them"),
    ("events: {drift: {score: {pipeline: score, steps: [A], retrain: score}}}",
     (f"{E}.drift.score.retrain: 'score' would retrain itself, and check again, and retrain | name the pipeline that"
     " trains; the one that checks is another")),
    ("events: {drift: {score: {pipeline: score, steps: [A]}}}",
     f"{E}.drift.score: 'retrain' is missing | add it: the pipeline that trains anew"),
    ("deliveries: {churn: {group: churn, repository: churn}, again: {group: churn, repository: churn}}",
     ("units.retail.deliveries.again.group: the group 'churn' is told twice: units.retail.deliveries.churn has it, too"
     " | keep one entry of a group")),
    ("deliveries: {churn: {group: c h, repository: churn}}",
     ("units.retail.deliveries.churn.group: 'c h' is not the name of a model package group"
     " | write up to 63 letters, digits and dashes")),
    (("deliveries: {a-rules: {group: b, repository: b}}\n"
     "    approval_rules: {a: {group: a, metrics: {x: {at_least: 1}}}}"),
     "units.retail.deliveries.a-rules: 'a-rules' makes the same name as the approval rule 'a' | choose another word"),
    ("approval_rules: {churn: {group: churn, metrics: {}}}",
     "units.retail.approval_rules.churn.metrics: must not be empty | add at least one entry"),
    ("approval_rules: {churn: {group: churn, metrics: {accuracy: {}}}}",
     "units.retail.approval_rules.churn.metrics.accuracy: bounds nothing | give it at_least, at_most, or both"),
    ("approval_rules: {churn: {group: churn, metrics: {accuracy: {at_least: '0.9'}}}}",
     ("units.retail.approval_rules.churn.metrics.accuracy.at_least: must be a number, not text"
     " | write digits, without quotes")),
    ("approval_rules: {churn: {group: churn, metrics: {accuracy: {at_least: 2, at_most: 1}}}}",
     ("units.retail.approval_rules.churn.metrics.accuracy: at_least is more than at_most"
     " | no metric can be both: exchange them")),
    ("quotas: {training: {code: 0123ABCD, value: 4}}",
     ("units.retail.quotas.training.code: '0123ABCD' is not a quota's code | write L- and eight letters or digits, such"
     " as L-0123ABCD")),
    ("quotas: {training: {code: L-0123ABCD, value: 0}}",
     "units.retail.quotas.training.value: must be more than 0 | write more than 0"),
    ("monthly_budget: 0", "units.retail.monthly_budget: must be 1 or more | write 1 or more"),
    ("model_groups: {my group: x}",
     ("units.retail.model_groups.my group: 'my group' is not the name of a model package group | write up to 63"
     " letters, digits and dashes")),
    ("network: {interface_endpoints: [S3]}",
     ("units.retail.network.interface_endpoints[0]: 'S3' is not an endpoint's service | write the last part of its"
     " name, such as sagemaker.api or ecr.dkr")),
    ("products: {training: {title: T, versions: {v1: /t.yaml}, current: v1}}",
     ("units.retail.products.training.versions.v1: '/t.yaml' is not a file below this one's folder"
     " | write its path from here, such as templates/training.yaml")),
    ("products: {training: {title: T, versions: {v1: t.yaml}, current: v2}}",
     "units.retail.products.training: 'current' is 'v2', which is none of its versions | write one of v1"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "told"), WRONG, ids=[told.split(" | ")[0] for _, told in WRONG])
def test_what_is_wrong_is_told_once_and_at_its_place(text: str, told: str) -> None:
    found = complaints(unit(text))
    assert [line.split(": ", 1)[1] for line in found] == [told]
    assert found[0].startswith(("f:9:", "f:10:"))


def test_words_of_an_environment_are_checked_too() -> None:
    text = own("deliveries: {a: {group: g, repository: r}, b: {group: g, repository: r}}")
    (told,) = complaints(text)
    assert "units.retail.environments.dev.deliveries.b.group: the group 'g' is told twice" in told


def test_two_units_registries_in_one_account_share_no_group() -> None:
    second = """\
  lending:
    region: eu-west-1
    operations: "444444444444"
    model_groups: {churn: the same}
    environments:
      dev: {account: "555555555555"}
"""
    text = unit("model_groups: {churn: Customers}") + second
    (told,) = complaints(text)
    assert "units.lending.model_groups.churn: the unit 'retail' has the group 'churn', too" in told
    assert (
        complaints(
            text.replace(
                '"444444444444"\n    model_groups: {churn: the',
                '"555555555555"\n    model_groups: {churn: the',
            )
        )
        == []
    )


def test_a_prefix_leaves_room_for_names_of_rules() -> None:
    text = (
        GOOD.replace("acme\n", "a-platform\n", 1)
        .replace("retail", "a-unit-name")
        .replace("preprod", "pre-producti")
    )
    (told,) = complaints(text.replace("prod:", "live:"))
    assert (
        "'a-platform-a-unit-name-pre-producti' has 35 characters, and rules and functions have room for 34"
        in told
    )


def test_a_bound_is_a_number_and_very_small_ones_are_written_as_such() -> None:
    text = own("approval_rules: {churn: {group: churn, metrics: {loss: {at_most: .inf}}}}")
    assert "metrics.loss.at_most: must be a number" in complaints(text)[0]
    small = platform(text.replace(".inf", "1.0e-16"))
    assert "at_most: 1.0e-16" in render(small)
    assert platform(render(small)) == small


def test_two_environments_of_one_account_have_names_of_their_own() -> None:
    text = """\
version: 1
name: acme
forge: {kind: sandbox, organization: acme}
ci: jenkins
shared_accounts: true
units:
  retail:
    region: eu-west-1
    operations: "111111111111"
    environments: {dev-x: {account: "111111111111"}}
  retail-dev:
    region: eu-west-1
    operations: "222222222222"
    environments: {x: {account: "111111111111"}}
"""
    (told,) = complaints(text)
    assert (
        "units.retail.environments.dev-x has the same names in account 111111111111: 'acme-retail-dev-x'"
        in told
    )
    assert complaints(text.replace('{x: {account: "111111111111"}}', '{x: {account: "222222222222"}}')) == []
