"""Judge the packaged model on rows it has never seen, asked as it will be asked.

In:  /opt/ml/processing/{model/model.tar.gz, test/test.csv}
Out: /opt/ml/processing/evaluation/evaluation.json
     classification_metrics: auc {value, standard_deviation, confidence_interval}, accuracy, confusion_matrix

The AUC is of the scores, its 95 % interval DeLong's (DeLong, DeLong and Clarke-Pearson, Biometrics 44, 1988).
"""

import importlib.util
import json
import tarfile
from pathlib import Path

import numpy as np

ROOT = Path("/opt/ml/processing")


def load(archive: Path, folder: Path):
    with tarfile.open(archive) as members:
        members.extractall(folder, filter="data")
    spec = importlib.util.spec_from_file_location("inference", folder / "code" / "inference.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module, module.model_fn(folder)


def delong(labels: np.ndarray, scores: np.ndarray) -> tuple[float, float]:
    """AUC and its standard deviation."""
    positive, negative = scores[labels == 1], scores[labels == 0]
    wins = (positive[:, None] > negative) + 0.5 * (positive[:, None] == negative)
    by_positive, by_negative = wins.mean(axis=1), wins.mean(axis=0)
    variance = by_positive.var(ddof=1) / len(positive) + by_negative.var(ddof=1) / len(negative)
    return float(wins.mean()), float(np.sqrt(variance))


def main() -> None:
    module, model = load(ROOT / "model" / "model.tar.gz", Path("model"))
    labels_text, rows_text = [], []
    for line in (ROOT / "test" / "test.csv").read_text().splitlines():
        label, _, row = line.partition(",")
        labels_text.append(label)
        rows_text.append(row)
    labels = np.array([int(label) for label in labels_text])
    scores = module.predict_fn(module.input_fn("\n".join(rows_text), "text/csv"), model)
    auc, deviation = delong(labels, scores)
    guesses = (scores >= 0.5).astype(int)
    report = {
        "classification_metrics": {
            "auc": {
                "value": round(auc, 6),
                "standard_deviation": round(deviation, 6),
                "confidence_interval": {
                    "level": 0.95,
                    "lower": round(max(0.0, auc - 1.959964 * deviation), 6),
                    "upper": round(min(1.0, auc + 1.959964 * deviation), 6),
                },
            },
            "accuracy": {"value": round(float((guesses == labels).mean()), 6)},
            "confusion_matrix": {
                str(truth): {
                    str(guess): int(((labels == truth) & (guesses == guess)).sum()) for guess in (0, 1)
                }
                for truth in (0, 1)
            },
        },
        "rows": len(labels),
    }
    folder = ROOT / "evaluation"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "evaluation.json").write_text(json.dumps(report, indent=2))
    interval = report["classification_metrics"]["auc"]["confidence_interval"]
    print(
        f"AUC {auc:.4f}, 95 % interval {interval['lower']:.4f} to {interval['upper']:.4f}, {len(labels)} rows"
    )


if __name__ == "__main__":
    main()
