"""The model's error on rows it has never seen.

In:  /opt/ml/processing/{model/model.tar.gz, test/test.csv}
Out: /opt/ml/processing/evaluation/evaluation.json  regression_metrics.mse.{value, standard_deviation}
"""

import json
import tarfile
from pathlib import Path

import numpy as np
import xgboost as xgb

ROOT = Path("/opt/ml/processing")


def main() -> None:
    with tarfile.open(ROOT / "model" / "model.tar.gz") as archive:
        archive.extractall("model", filter="data")
    booster = xgb.Booster()
    booster.load_model("model/xgboost-model")
    rows = np.loadtxt(ROOT / "test" / "test.csv", delimiter=",", ndmin=2)
    residuals = rows[:, 0] - booster.predict(xgb.DMatrix(rows[:, 1:]))
    mse = {"value": float(np.mean(residuals**2)), "standard_deviation": float(np.std(residuals))}
    folder = ROOT / "evaluation"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "evaluation.json").write_text(json.dumps({"regression_metrics": {"mse": mse}}, indent=2))
    print(f"MSE {mse['value']:.4f} on {len(rows)} rows")


if __name__ == "__main__":
    main()
