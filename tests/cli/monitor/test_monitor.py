"""`ropeway monitor baseline|check|report|replay` on local files and on S3."""

from __future__ import annotations

import json
import uuid
from pathlib import Path
from typing import Any

import boto3
import numpy as np
import pytest

from ropeway.sandbox.server import Server
from tests.cli.conftest import Invoke
from tests.unit.drift.tables import csv_of, normal, write


def rows(size: int, *, mean: float = 0.0, seed: int = 1) -> str:
    kinds = np.random.default_rng(seed).choice(["a", "b"], size)
    return csv_of({"x": normal(size, mean=mean, seed=seed).round(4), "kind": kinds})


@pytest.fixture
def data(folder: Path) -> Path:
    write(folder / "train.csv", rows(1000))
    write(folder / "clean.csv", rows(200, seed=2))
    write(folder / "drifted.csv", rows(200, mean=1.5, seed=3))
    return folder


@pytest.fixture
def base(invoke: Invoke, data: Path) -> str:
    assert invoke("monitor", "baseline", "train.csv", "--to", "base").exit_code == 0
    return "base"


def test_a_baseline_is_told_and_written(invoke: Invoke, data: Path) -> None:
    told = invoke("monitor", "baseline", "train.csv", "--to", "base")
    assert told.exit_code == 0
    lines = told.stdout.splitlines()
    assert lines[0].split() == ["COLUMN", "TYPE", "COMPLETE", "RANGE", "CONSTRAINTS"]
    assert lines[2].split() == ["kind", "String", "100.0%", "-", "2", "categories"]
    assert lines[4:] == ["1000 rows", "written: base/statistics.json", "written: base/constraints.json"]


def test_clean_data_end_with_0_and_drifted_ones_with_3(invoke: Invoke, base: str) -> None:
    clean = invoke("monitor", "check", "clean.csv", "--baseline", base)
    assert clean.exit_code == 0
    assert clean.stdout.splitlines()[-1] == "200 rows against 1000: no violations"
    drifted = invoke("monitor", "check", "drifted.csv", "--baseline", base)
    assert drifted.exit_code == 3
    assert "violation: x: Baseline drift: the distance" in drifted.stdout
    assert drifted.stderr.splitlines()[-1] == "error: 2 violations in x"


def test_results_and_report_are_written(invoke: Invoke, base: str, data: Path) -> None:
    ran = invoke(
        *("monitor", "check", "drifted.csv", "--baseline", base, "--output", "json"),
        *("--results", "out", "--report", "out/report.html"),
    )
    told = json.loads(ran.stdout)
    assert (ran.exit_code, told["violations"], told["rows"]) == (3, 2, {"baseline": 1000, "data": 200})
    assert [(each["name"], each["state"]) for each in told["columns"]] == [("x", "error"), ("kind", "ok")]
    violations = json.loads((data / "out/constraint_violations.json").read_text())["violations"]
    assert {each["constraint_check_type"] for each in violations} == {"baseline_drift_check"}
    assert {file.name for file in (data / "out").iterdir()} == {
        "statistics.json",
        "constraints.json",
        "constraint_violations.json",
        "report.html",
    }


def test_a_report_does_not_judge(invoke: Invoke, base: str, data: Path) -> None:
    ran = invoke("monitor", "report", "drifted.csv", "--baseline", base, "--to", "r.html")
    assert (ran.exit_code, ran.stdout) == (0, "r.html: 2 violations\n")
    page = (data / "r.html").read_text()
    assert "2 violations in x" in page
    assert page.count("<svg") == 2
    assert "http" not in page


def test_data_may_be_the_baseline(invoke: Invoke, data: Path) -> None:
    assert invoke("monitor", "check", "clean.csv", "--baseline", "train.csv").exit_code == 0
    assert invoke("monitor", "check", "drifted.csv", "--baseline", "train.csv").exit_code == 3


def test_baselines_merge(invoke: Invoke, base: str, data: Path) -> None:
    ran = invoke("monitor", "baseline", "drifted.csv", "--merge", base, "--to", "both", "--output", "json")
    assert json.loads(ran.stdout)["rows"] == 1200
    whole = invoke("monitor", "baseline", "train.csv", "drifted.csv", "--to", "whole")
    assert whole.exit_code == 0
    one, other = (
        json.loads((data / name / "statistics.json").read_text())["features"][0]["numerical_statistics"]
        for name in ("both", "whole")
    )
    assert one["mean"] == pytest.approx(other["mean"])
    assert one["std_dev"] == pytest.approx(other["std_dev"])


def test_a_policy_decides(invoke: Invoke, base: str, data: Path) -> None:
    write(data / "policy.yaml", "columns: {x: {drift: warning, range: off}}\n")
    ran = invoke("monitor", "check", "drifted.csv", "--baseline", base, "--policy", "policy.yaml")
    assert ran.exit_code == 0
    assert ran.stdout.splitlines()[-1] == "200 rows against 1000: no violations, 1 warning"
    assert ran.stderr == ""
    write(data / "policy.yaml", 'columns: {X: {drift: off}, "k*": {drift: off}}\nignore: [old]\n')
    ran = invoke("monitor", "check", "clean.csv", "--baseline", base, "--policy", "policy.yaml")
    assert [line[:25] for line in ran.stderr.splitlines()] == [
        "note: the policy names X,",
        "note: the policy names ol",
    ]
    write(data / "policy.yaml", "columns:\n  x: {drifd: warning}\n")
    wrong = invoke("monitor", "check", "drifted.csv", "--baseline", base, "--policy", "policy.yaml")
    assert wrong.exit_code == 2
    assert wrong.stderr.startswith("error: policy.yaml:2: columns.x.drifd: is no key here")


def test_a_history_is_replayed(invoke: Invoke, base: str, data: Path) -> None:
    for day, mean in enumerate((0, 0, 2, 0, 2, 2), 7):
        write(data / f"history/day{day}.csv", rows(150, mean=mean, seed=20 + day))
    ran = invoke("monitor", "replay", "history", "--baseline", base)
    assert ran.exit_code == 0
    assert ran.stdout.splitlines()[-1] == "3 of 6 windows in violation, 3 alarms (50%)"
    write(data / "policy.yaml", "windows: {alarm: 2, of: 3}\n")
    told = json.loads(
        invoke(
            *("monitor", "replay", "history", "--baseline", base, "--policy", "policy.yaml"),
            *("--output", "json"),
        ).stdout
    )
    assert (told["windows"], told["violated"], told["alarms"]) == (6, 3, 2)
    assert [window["alarm"] for window in told["history"]] == [False, False, False, False, True, True]


def test_data_without_a_header(invoke: Invoke, folder: Path) -> None:
    write(folder / "a.csv", "1;?\n2;5\n3;6\n")
    options = ("--delimiter", ";", "--missing", "?")
    bare = invoke("monitor", "baseline", "a.csv", "--to", "b", "--no-header", *options)
    assert bare.stdout.splitlines()[2].split()[:3] == ["_c1", "Integral", "66.7%"]
    named = invoke("monitor", "baseline", "a.csv", "--to", "b", "--names", "p, q", *options)
    assert named.stdout.splitlines()[2].split()[:3] == ["q", "Integral", "66.7%"]


def test_codes_are_texts_where_the_baseline_says_so(invoke: Invoke, folder: Path) -> None:
    write(folder / "train.csv", "code,n\n" + "007,1\nA7,2\n1.50,3\n" * 50)
    write(folder / "day.csv", "code\tn\n" + "007\t1\n1.50\t3\n" * 2)
    assert invoke("monitor", "baseline", "train.csv", "--to", "base").exit_code == 0
    for baseline in ("base", "train.csv"):
        tab = () if baseline == "train.csv" else ("--delimiter", "\\t")
        write(folder / "day.csv", (folder / "day.csv").read_text().replace("\t", "\t" if tab else ","))
        ran = invoke("monitor", "check", "day.csv", "--baseline", baseline, *tab)
        assert (ran.exit_code, ran.stdout.splitlines()[-1]) == (0, "4 rows against 150: no violations")


def test_long_and_strange_names_leave_room_for_the_rest(invoke: Invoke, folder: Path) -> None:
    write(folder / "a.jsonl", json.dumps({"x" * 200: 1, "line\nend": 2}) + "\n")
    made = invoke("monitor", "baseline", "a.jsonl", "--to", "base").stdout.splitlines()
    checked = invoke("monitor", "check", "a.jsonl", "--baseline", "base").stdout.splitlines()
    for told in (made, checked):
        assert (told[1].split()[0], told[2].split()[0]) == ("x" * 47 + "…", "line?end")


def test_constraints_alone_are_a_baseline(invoke: Invoke, base: str, data: Path) -> None:
    (data / base / "statistics.json").unlink()
    assert invoke("monitor", "check", "clean.csv", "--baseline", base).exit_code == 0
    write(data / "new.csv", "x,kind\n1,c\n")
    told = invoke("monitor", "check", "new.csv", "--baseline", base)
    assert (told.exit_code, told.stderr.splitlines()[-1]) == (3, "error: 1 violation in kind")


@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("check", "none.csv", "--baseline", "base"), "none.csv: there is no such file or folder"),
        (("check", "clean.csv", "--baseline", "none"), "none: there is no such file or folder"),
        (("baseline", "--to", "b"), "there is nothing to make a baseline of"),
        (("baseline", "s3://", "--to", "b"), "s3://: this is no address in S3"),
        (("replay", "empty", "--baseline", "base"), "empty: there is no data"),
        (("check", "clean.csv", "--baseline", "base/statistics.json"), "this is a part of a baseline"),
        (("baseline", "train.csv", "--to", "train.csv"), "train.csv: this cannot be written: "),
        (("report", "clean.csv", "--baseline", "base", "--to", "empty"), "empty: this cannot be written: "),
        (("baseline", "train.csv", "--to", "b", "--delimiter", "||"), "a delimiter is one character"),
    ],
)
def test_what_is_wrong_is_told(
    invoke: Invoke, base: str, data: Path, args: tuple[str, ...], words: str
) -> None:
    (data / "empty").mkdir()
    ran = invoke("monitor", *args)
    assert ran.exit_code == 2
    assert words in ran.stderr


def test_everything_may_lie_in_s3(invoke: Invoke, data: Path, sandbox: Server) -> None:
    bucket = f"m{uuid.uuid4().hex[:8]}"
    options: dict[str, Any] = {
        "endpoint_url": sandbox.endpoint,
        "region_name": "eu-west-1",
        "aws_access_key_id": "111111111111",
        "aws_secret_access_key": "x",
    }
    s3 = boto3.client("s3", **options)
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "eu-west-1"})
    for name in ("train.csv", "clean.csv", "drifted.csv"):
        s3.put_object(Bucket=bucket, Key=f"data/{name}", Body=(data / name).read_bytes())
    s3.put_object(Bucket=bucket, Key="data/clean.csv.md5", Body=b"no data")
    place = f"s3://{bucket}"
    made = invoke("monitor", "baseline", f"{place}/data/train.csv", "--to", f"{place}/base")
    assert f"written: {place}/base/statistics.json" in made.stdout
    checked = ("--baseline", f"{place}/base", "--report", f"{place}/report.html")
    assert invoke("monitor", "check", f"{place}/data/clean.csv", *checked).exit_code == 0
    assert invoke("monitor", "check", f"{place}/data/drifted.csv", *checked).exit_code == 3
    assert s3.get_object(Bucket=bucket, Key="report.html")["Body"].read().startswith(b"<!doctype html>")
    missing = invoke("monitor", "check", f"{place}/none", *checked)
    assert missing.exit_code == 2
    assert "there is no such object, nor one below it" in missing.stderr
