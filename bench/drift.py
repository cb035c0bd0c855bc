"""A drift check of 1 and 10 million rows by 20 columns, against NannyML, Evidently, whylogs and bare numpy.

The reference has 1 million rows; the data's columns are shifted by 0, 0.01, …, 0.19 standard deviations. Every
contender is a process of its own, the peers in virtual environments that this makes (in ``ROPEWAY_BENCH_PEERS``, or in
the temporary folder, and keeps); one that cannot be installed is left out, and said so. Peers and "ropeway, in memory"
get pandas frames whose loading is not counted; "ropeway, Parquet" and "CSV" are counted from the file on. Those that
take less than 20 seconds run four times, and the best figures count.

Ropeway does all its checks (types, completeness, range, signs, and all five distances) each time, the others only what
their row says. ``fit s`` is what is done once per reference, ``cpu s`` the processor's time of both on all cores, which
other load disturbs less. ``off by`` is the greatest difference, over the columns, of the first statistic that both
have, from the exact one, which numpy reckons from all values; for Evidently from ropeway's over Evidently's bins.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from pyarrow import csv, parquet

COLUMNS, MILLION = 20, 1_000_000
_MILLIONS = tuple(int(each) for each in os.environ.get("ROPEWAY_BENCH_MILLIONS", "1,10").split(","))
_SECONDS, _LONG, _ROUNDS = 600, 20, 4
_FRAME = """
import json, sys, time, warnings
warnings.simplefilter("ignore")
def frames():
    import pandas as pd
    return pd.read_parquet(sys.argv[1]), pd.read_parquet(sys.argv[2])
def tell(fit, check, values, cpu):
    lines = open("/proc/self/status").read().splitlines()  # getrusage would tell the parent's, too
    peak = next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) / 1024
    print("TOLD" + json.dumps({"fit": fit, "check": check, "values": values, "peak": peak, "cpu": cpu}))
"""
_ROPEWAY = """
from ropeway.drift.checks import check
from ropeway.drift.profiling import profile_arrays
reference, data = frames()
began, started = time.process_time(), time.perf_counter()
baseline = profile_arrays({name: reference[name].to_numpy() for name in reference})
fitted = time.perf_counter()
profile = profile_arrays({name: data[name].to_numpy() for name in data})
result = check(profile, baseline)
done, cpu = time.perf_counter(), time.process_time() - began
values = {m: [c.comparison.distances[m].value for c in result.columns] for m in ("ks", "psi")}
import numpy as np
def over(numbers, edges):
    items, ranks = numbers.sketch.weighted()
    upto = np.concatenate([[0.0], ranks / ranks[-1]])[np.searchsorted(items, edges, side="right")]
    return np.diff(np.concatenate([[0.0], upto[1:-1], [1.0]]))
values["sturges"] = []
for name in reference:
    a, b = baseline.columns[name].numbers, profile.columns[name].numbers
    bins = int(np.ceil(np.log2(a.count + b.count) + 1))
    edges = np.linspace(min(a.least, b.least), max(a.greatest, b.greatest), bins + 1)
    p, q = np.maximum(over(a, edges), 1e-4), np.maximum(over(b, edges), 1e-4)
    values["sturges"].append(float(np.sum((p - q) * np.log(p / q))))
tell(fitted - started, done - fitted, values, cpu)
"""
_FILES = """
from pathlib import Path
from ropeway.drift.checks import check
from ropeway.drift.profiling import profile_files
began, started = time.process_time(), time.perf_counter()
baseline = profile_files([Path(sys.argv[1])])
fitted = time.perf_counter()
result = check(profile_files([Path(sys.argv[2])]), baseline)
done, cpu = time.perf_counter(), time.process_time() - began
values = {m: [c.comparison.distances[m].value for c in result.columns] for m in ("ks", "psi")}
tell(fitted - started, done - fitted, values, cpu)
"""
_NUMPY = """
import numpy as np
reference, data = frames()
began, started = time.process_time(), time.perf_counter()
edges = {n: np.quantile(reference[n].to_numpy(), np.arange(1, 10) / 10) for n in reference}
before = {n: np.bincount(np.searchsorted(edges[n], reference[n].to_numpy()), minlength=10) for n in reference}
fitted = time.perf_counter()
values = []
for name in data:
    after = np.bincount(np.searchsorted(edges[name], data[name].to_numpy()), minlength=10) / len(data)
    p = before[name] / len(reference)
    values.append(float(np.sum((after - p) * np.log(after / p))))
done, cpu = time.perf_counter(), time.process_time() - began
ks = []
for name in data:
    a, b = np.sort(reference[name].to_numpy()), np.sort(data[name].to_numpy())
    at = np.searchsorted(b, a, side="right") / len(b)
    ks.append(float(np.max(np.abs(at - np.arange(1, len(a) + 1) / len(a)))))
tell(fitted - started, done - fitted, {"psi": values, "ks": ks}, cpu)
"""
_NANNYML = """
import nannyml
reference, data = frames()
methods = METHODS
made = nannyml.UnivariateDriftCalculator(column_names=list(data), continuous_methods=methods, chunk_number=1)
began, started = time.process_time(), time.perf_counter()
made.fit(reference)
fitted = time.perf_counter()
found = made.calculate(data).filter(period="analysis").to_df()
done, cpu = time.perf_counter(), time.process_time() - began
values = [float(found[(name, "kolmogorov_smirnov", "value")].iloc[0]) for name in data]
tell(fitted - started, done - fitted, {"ks": values}, cpu)
"""
_EVIDENTLY = """
from evidently import Dataset, Report
from evidently.metrics import ValueDrift
reference, data = frames()
began, started = time.process_time(), time.perf_counter()
report = Report([ValueDrift(column=name, method="psi") for name in data])
found = report.run(Dataset.from_pandas(data), Dataset.from_pandas(reference)).dict()
done, cpu = time.perf_counter(), time.process_time() - began
tell(0.0, done - started, {"sturges": [float(each["value"]) for each in found["metrics"]]}, cpu)
"""
_WHYLOGS = """
import whylogs
from whylogs.viz.drift.column_drift_algorithms import KS
reference, data = frames()
began, started = time.process_time(), time.perf_counter()
baseline = whylogs.log(reference).view()
fitted = time.perf_counter()
profile = whylogs.log(data).view()
judge = KS()
values = [float(judge.calculate(profile.get_column(n), baseline.get_column(n)).statistic) for n in data]
done, cpu = time.perf_counter(), time.process_time() - began
tell(fitted - started, done - fitted, {"ks": values}, cpu)
"""


@dataclass(frozen=True)
class Contender:
    """One row.

    Attributes:
        packages: what its own environment needs; empty: this one.
        matched: the statistic that is compared with the exact one.
        files: the kind of its files.
    """

    name: str
    statistic: str
    program: str
    matched: str
    packages: tuple[str, ...] = ()
    files: str = "parquet"


CONTENDERS = (
    Contender("ropeway, in memory", "all checks; KS", _ROPEWAY, "ks"),
    Contender("ropeway, Parquet", "all checks; PSI", _FILES, "psi"),
    Contender("ropeway, CSV", "all checks; PSI", _FILES, "psi", files="csv"),
    Contender("numpy", "PSI", _NUMPY, "psi"),
    Contender(
        "NannyML", "KS", _NANNYML.replace("METHODS", "['kolmogorov_smirnov']"), "ks",
        ("nannyml", "statsmodels", "pandas<3", "pyarrow"),
    ),
    Contender(
        "NannyML", "KS, JS, Wasserstein",
        _NANNYML.replace("METHODS", "['kolmogorov_smirnov', 'jensen_shannon', 'wasserstein']"), "ks",
        ("nannyml", "statsmodels", "pandas<3", "pyarrow"),
    ),
    Contender("Evidently", "PSI", _EVIDENTLY, "sturges", ("evidently", "pandas<3", "pyarrow")),
    Contender("whylogs", "KS", _WHYLOGS, "ks", ("whylogs[viz]", "pandas", "pyarrow")),
)  # fmt: skip


def run() -> list[dict[str, object]]:
    """One row per size and contender."""
    rows: list[dict[str, object]] = []
    with tempfile.TemporaryDirectory(prefix="ropeway-bench-") as name:
        folder = Path(name)
        _write(folder / "reference", 1, 0.0, csv_too=True)
        for millions in _MILLIONS:
            data = folder / f"data{millions}"
            _write(data, millions, 0.01, csv_too=millions == 1)
            told = {each: _best(each, folder / "reference", data) for each in CONTENDERS}
            for each, found in told.items():
                if found is not None:
                    rows.append({"rows": f"{millions} M", **_row(each, found, told)})
            for file in folder.glob(f"{data.name}.*"):
                file.unlink()
    return rows


def _row(
    contender: Contender, found: Mapping[str, Any], told: Mapping[Contender, Mapping[str, Any] | None]
) -> dict[str, object]:
    row: dict[str, object] = {"contender": contender.name, "statistic": contender.statistic}
    if "problem" in found:
        return {**row, "off by": found["problem"]}
    ours = told[CONTENDERS[0]] or {}
    exact = (told[CONTENDERS[3]] or {}).get("values", {})
    against = exact.get(contender.matched) or ours.get("values", {}).get(contender.matched, ())
    gaps = [abs(one - other) for one, other in zip(found["values"][contender.matched], against, strict=True)]
    times = (found["fit"] + found["check"]) / (ours["fit"] + ours["check"]), found["cpu"] / ours["cpu"]
    return {
        **row,
        "fit s": found["fit"],
        "check s": found["check"],
        "cpu s": found["cpu"],
        "time, cpu as ropeway in memory": "{:.1f}, {:.1f}".format(*times),
        "peak MB": round(found["peak"]),
        "off by": f"{max(gaps):.1e}",
    }


def _best(contender: Contender, reference: Path, data: Path) -> Mapping[str, Any] | None:
    """The best of some runs; None where there is no such file."""
    first = _run(contender, reference, data)
    if first is None or "problem" in first or first["fit"] + first["check"] > _LONG:
        return first
    runs = [first, *(_run(contender, reference, data) for _ in range(_ROUNDS - 1))]
    good = [each for each in runs if each is not None and "problem" not in each]
    return {**first, **{name: min(each[name] for each in good) for name in ("fit", "check", "cpu", "peak")}}


def _run(contender: Contender, reference: Path, data: Path) -> Mapping[str, Any] | None:
    """What a contender tells; None where there is no such file."""
    files = [str(path.with_suffix(f".{contender.files}")) for path in (reference, data)]
    if not Path(files[1]).exists():
        return None
    python = _environment(contender)
    if python is None:
        return {"problem": "could not be installed"}
    quiet = {
        **os.environ,
        "NML_DISABLE_USAGE_LOGGING": "1",
        "DO_NOT_TRACK": "1",
        "WHYLOGS_NO_ANALYTICS": "True",
    }
    try:
        ended = subprocess.run(
            [str(python), "-c", _FRAME + contender.program, *files],
            capture_output=True, text=True, timeout=_SECONDS, env=quiet, check=False,
        )  # fmt: skip
    except subprocess.TimeoutExpired:
        return {"problem": f"took longer than {_SECONDS} s"}
    lines = [line[4:] for line in ended.stdout.splitlines() if line.startswith("TOLD")]
    if not lines:
        return {"problem": (ended.stderr.strip().splitlines() or ["it ended without a word"])[-1][:120]}
    found: dict[str, Any] = json.loads(lines[0])
    return found


def _environment(contender: Contender) -> Path | None:
    """The interpreter of a contender; None where its packages cannot be installed."""
    if not contender.packages:
        return Path(sys.executable)
    home = Path(os.environ.get("ROPEWAY_BENCH_PEERS") or Path(tempfile.gettempdir()) / "ropeway-bench-peers")
    folder = home / contender.name.lower()
    python = folder / "bin" / "python"
    ready = folder / "ready"
    if ready.exists():
        return python
    try:
        subprocess.run(
            [sys.executable, "-m", "venv", "--clear", str(folder)], check=True, capture_output=True
        )
        install = [str(python), "-m", "pip", "install", "-q", *contender.packages]
        subprocess.run(install, check=True, capture_output=True, timeout=_SECONDS)
    except (subprocess.CalledProcessError, subprocess.TimeoutExpired):
        return None
    ready.touch()
    return python


def _write(path: Path, millions: int, step: float, *, csv_too: bool) -> None:
    """Write a table by the million, so that making it takes no more memory than checking it."""
    rng = np.random.default_rng(millions if step else 0)
    names = [f"x{place}" for place in range(COLUMNS)]
    schema = pa.schema([(name, pa.float64()) for name in names])
    with parquet.ParquetWriter(path.with_suffix(".parquet"), schema, use_dictionary=False) as writer:
        for _ in range(millions):
            values = {
                name: rng.normal(step * place, 1.0, MILLION).round(5) for place, name in enumerate(names)
            }
            table = pa.table(values, schema=schema)
            writer.write_table(table)
            if csv_too:
                csv.write_csv(table, path.with_suffix(".csv"))
