"""Merge the deliveries, check them, split them, and fill gaps by what the training part alone tells.

In:  /opt/ml/processing/input/*.csv, each with the header BIRADS,Age,Shape,Margin,Density,Severity ("?" = missing)
Out: train/train.csv, validation/validation.csv  label first, gaps filled, no header: what XGBoost reads
     test/test.csv                               label first, gaps as empty cells: what the model will be asked
     test/deliveries.csv                         the delivery that each row of test.csv came in
     baseline/baseline.csv                       the training part as batches come: a header, gaps, no label
     imputer/imputer.json                        the medians of the training part
     imputer/split.json                          how the rows were split: see ``split``
"""

import argparse
import hashlib
import json
import sys
from pathlib import Path

import pandas as pd

ROOT = Path("/opt/ml/processing")
FEATURES = ["BIRADS", "Age", "Shape", "Margin", "Density"]
TARGET = "Severity"
# What a cell may hold, by the data set's description. BI-RADS assessments run from 0 to 6.
RANGES = {"BIRADS": (0, 6), "Age": (18, 120), "Shape": (1, 4), "Margin": (1, 5), "Density": (1, 4)}
SHARES = {"test": 0.3, "validation": 0.1, "train": 0.6}


def read(folder: Path) -> pd.DataFrame:
    files = sorted(folder.glob("*.csv"))
    if not files:
        sys.exit(f"there is no CSV file in {folder}")
    parts = []
    for file in files:
        part = pd.read_csv(file, na_values="?")
        if list(part.columns) != [*FEATURES, TARGET]:
            sys.exit(f"{file.name}: its columns are {list(part.columns)}, not {[*FEATURES, TARGET]}")
        parts.append(part.assign(delivery=file.name, row=range(len(part))))
        print(f"{file.name}: {len(part)} rows")
    return pd.concat(parts, ignore_index=True)


def clean(table: pd.DataFrame) -> pd.DataFrame:
    unlabelled = table[TARGET].isna().sum()
    if unlabelled:
        sys.exit(f"{unlabelled} rows have no {TARGET}")
    if not set(table[TARGET].unique()) <= {0, 1}:
        sys.exit(f"{TARGET} must be 0 or 1")
    for name, (low, high) in RANGES.items():
        wrong = table[name].notna() & ~table[name].between(low, high)
        if wrong.any():
            values = sorted(table.loc[wrong, name].unique())
            print(f"{name}: {wrong.sum()} values outside {low} to {high} count as missing: {values}")
            table.loc[wrong, name] = float("nan")
    return table.astype(dict.fromkeys(FEATURES, "float64")).astype({TARGET: "int64"})


def split(table: pd.DataFrame, seed: int) -> dict[str, pd.DataFrame]:
    """Each row's part, by a hash of the seed, its delivery's name and its place in it.

    So a row stays in its part for ever: deliveries may be added, and grow at their ends. What one model was
    tested on, the next one may be tested on too, and neither was trained on it.
    """

    def draw(delivery: str, row: int) -> float:
        digest = hashlib.sha256(f"{seed}:{delivery}:{row}".encode()).digest()
        return int.from_bytes(digest[:8], "big") / 2**64

    drawn = pd.Series([draw(*key) for key in zip(table["delivery"], table["row"], strict=True)], table.index)
    edge = SHARES["test"] + SHARES["validation"]
    parts = {
        "test": table[drawn < SHARES["test"]],
        "validation": table[(drawn >= SHARES["test"]) & (drawn < edge)],
        "train": table[drawn >= edge],
    }
    for name, part in parts.items():
        if set(part[TARGET]) != {0, 1}:
            sys.exit(f"{len(table)} rows are too few: the {name} part has {len(part)}, not of both kinds")
    return parts


def fingerprints(table: pd.DataFrame) -> dict[str, str]:
    """Eight hexadecimal digits for each row of each delivery, by which a later run knows the rows again."""
    cells = table[[*FEATURES, TARGET]].itertuples(index=False, name=None)
    marks = pd.Series([hashlib.sha256(repr(row).encode()).hexdigest()[:8] for row in cells], table.index)
    return {str(name): "".join(part) for name, part in marks.groupby(table["delivery"])}


def write(table: pd.DataFrame, path: Path, *, header: bool = False) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    table.to_csv(path, header=header, index=False)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=42)
    seed = parser.parse_args().seed
    table = clean(read(ROOT / "input"))
    parts = split(table, seed)
    medians = {name: float(parts["train"][name].median()) for name in FEATURES}
    columns = [TARGET, *FEATURES]
    for name in ("train", "validation"):
        write(parts[name].fillna(medians)[columns], ROOT / name / f"{name}.csv")
    write(parts["test"][columns], ROOT / "test" / "test.csv")
    write(parts["test"][["delivery"]], ROOT / "test" / "deliveries.csv")
    write(parts["train"][FEATURES].astype("Int64"), ROOT / "baseline" / "baseline.csv", header=True)
    for name, part in parts.items():
        print(f"{name}: {len(part)} rows, {part[TARGET].mean():.1%} malignant")
    folder = ROOT / "imputer"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "imputer.json").write_text(json.dumps({"features": FEATURES, "medians": medians}, indent=2))
    told = {"seed": seed, "shares": SHARES, "deliveries": fingerprints(table)}
    (folder / "split.json").write_text(json.dumps(told, indent=2))


if __name__ == "__main__":
    main()
