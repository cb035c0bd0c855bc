"""Split first, then fit: scaling and categories come from the training part alone and are kept.

In:  /opt/ml/processing/input/abalone-dataset.csv  sex, seven measurements, rings; no header
Out: train/train.csv, validation/validation.csv, test/test.csv  rings first, then the features; no header
     transformer/transformer.joblib                             the fitted transformer
"""

import argparse
import sys
from pathlib import Path

import joblib
import numpy as np
import pandas as pd
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

ROOT = Path("/opt/ml/processing")
NUMBERS = [
    "length",
    "diameter",
    "height",
    "whole_weight",
    "shucked_weight",
    "viscera_weight",
    "shell_weight",
]
COLUMNS = ["sex", *NUMBERS, "rings"]


def read(folder: Path) -> pd.DataFrame:
    files = sorted(folder.glob("*.csv"))
    if not files:
        sys.exit(f"there is no CSV file in {folder}")
    table = pd.concat([pd.read_csv(file, header=None) for file in files], ignore_index=True)
    if table.shape[1] != len(COLUMNS):
        sys.exit(f"a row has {table.shape[1]} columns, not {len(COLUMNS)}: {', '.join(COLUMNS)}")
    table.columns = COLUMNS
    return table


def transformer() -> ColumnTransformer:
    numbers = make_pipeline(SimpleImputer(strategy="median"), StandardScaler())
    sex = make_pipeline(
        SimpleImputer(strategy="constant", fill_value="missing"),
        OneHotEncoder(categories=[["F", "I", "M"]], handle_unknown="ignore", sparse_output=False),
    )
    return ColumnTransformer([("numbers", numbers, NUMBERS), ("sex", sex, ["sex"])])


def write(name: str, rings: pd.Series, features: np.ndarray) -> None:
    folder = ROOT / name
    folder.mkdir(parents=True, exist_ok=True)
    rows = np.column_stack([rings.to_numpy(dtype=float), features])
    np.savetxt(folder / f"{name}.csv", rows, delimiter=",", fmt="%.8g")
    print(f"{name}: {len(rows)} rows")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=42)
    seed = parser.parse_args().seed
    table = read(ROOT / "input")
    train, rest = train_test_split(table, train_size=0.7, random_state=seed)
    validation, test = train_test_split(rest, train_size=0.5, random_state=seed)
    fitted = transformer().fit(train)
    for name, part in (("train", train), ("validation", validation), ("test", test)):
        write(name, part["rings"], fitted.transform(part))
    folder = ROOT / "transformer"
    folder.mkdir(parents=True, exist_ok=True)
    joblib.dump(fitted, folder / "transformer.joblib")


if __name__ == "__main__":
    main()
