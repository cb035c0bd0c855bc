"""Merge the deliveries, check them, split them, and fill gaps by what the training part alone tells.

In:  /opt/ml/processing/input/*.csv, each with the header BIRADS,Age,Shape,Margin,Density,Severity ("?" = missing)
Out: train/train.csv, validation/validation.csv  label first, gaps filled, no header: what XGBoost reads
     test/test.csv                               label first, gaps as empty cells: what the model will be asked
     imputer/imputer.json                        the medians of the training part
"""

import argparse
import json
import sys
from pathlib import Path

import pandas as pd
from sklearn.model_selection import train_test_split

ROOT = Path("/opt/ml/processing")
FEATURES = ["BIRADS", "Age", "Shape", "Margin", "Density"]
TARGET = "Severity"
# What a cell may hold, by the data set's description. BI-RADS assessments run from 0 to 6.
RANGES = {"BIRADS": (0, 6), "Age": (18, 120), "Shape": (1, 4), "Margin": (1, 5), "Density": (1, 4)}


def read(folder: Path) -> pd.DataFrame:
    files = sorted(folder.glob("*.csv"))
    if not files:
        sys.exit(f"there is no CSV file in {folder}")
    parts = []
    for file in files:
        part = pd.read_csv(file, na_values="?")
        if list(part.columns) != [*FEATURES, TARGET]:
            sys.exit(f"{file.name}: its columns are {list(part.columns)}, not {[*FEATURES, TARGET]}")
        parts.append(part)
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


def split(table: pd.DataFrame, seed: int) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    train, rest = train_test_split(table, train_size=0.7, stratify=table[TARGET], random_state=seed)
    validation, test = train_test_split(rest, train_size=0.5, stratify=rest[TARGET], random_state=seed)
    return train, validation, test


def write(table: pd.DataFrame, name: str) -> None:
    folder = ROOT / name
    folder.mkdir(parents=True, exist_ok=True)
    table[[TARGET, *FEATURES]].to_csv(folder / f"{name}.csv", header=False, index=False)
    print(f"{name}: {len(table)} rows, {table[TARGET].mean():.1%} malignant")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=42)
    seed = parser.parse_args().seed
    train, validation, test = split(clean(read(ROOT / "input")), seed)
    medians = {name: float(train[name].median()) for name in FEATURES}
    write(train.fillna(medians), "train")
    write(validation.fillna(medians), "validation")
    write(test, "test")
    folder = ROOT / "imputer"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "imputer.json").write_text(json.dumps({"features": FEATURES, "medians": medians}, indent=2))


if __name__ == "__main__":
    main()
