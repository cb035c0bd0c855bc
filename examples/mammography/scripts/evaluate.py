"""Judge the packaged model on rows it has never seen, asked as it will be asked, beside the model that serves today.

In:  /opt/ml/processing/{model/model.tar.gz, champion/model.tar.gz, test/test.csv, test/deliveries.csv}
     --champion-version: the champion's; "none": there is none, and what lies in champion/ is not looked at
Out: /opt/ml/processing/evaluation/evaluation.json
     classification_metrics: auc {value, standard_deviation, confidence_interval}, accuracy, confusion_matrix
     champion, comparison, deliveries: see ``compare``
     /opt/ml/processing/evaluation/registration.json: the same in texts, as the registry keeps them

The AUC is of the scores, its 95 % interval DeLong's; two models are compared by DeLong's test on the same rows
(DeLong, DeLong and Clarke-Pearson, Biometrics 44, 1988).
"""

import argparse
import importlib.util
import json
import math
import tarfile
from pathlib import Path

import numpy as np

ROOT = Path("/opt/ml/processing")
NONE = "none"
QUANTILE = 1.959964  # of the normal distribution, for 95 %
FEWEST = 10  # rows of a kind, for an AUC of a single delivery


class Model:
    """A packaged model, asked by its own inference code."""

    def __init__(self, archive, folder):
        with tarfile.open(archive) as members:
            members.extractall(folder, filter="data")
        self.folder = folder
        record = folder / "split.json"
        self.split = json.loads(record.read_text()) if record.exists() else None

    def scores(self, rows):
        spec = importlib.util.spec_from_file_location("inference", self.folder / "code" / "inference.py")
        code = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(code)
        answers = code.predict_fn(code.input_fn("\n".join(rows), "text/csv"), code.model_fn(self.folder))
        return np.array([float(answer) for answer in answers])


def placements(labels, scores):
    """For each malignant row the share of benign ones below it; for each benign row that of malignant ones above."""
    malignant, benign = scores[labels == 1], scores[labels == 0]
    wins = (malignant[:, None] > benign) + 0.5 * (malignant[:, None] == benign)
    return wins.mean(axis=1), wins.mean(axis=0)


def delong(labels, scores, others=None):
    """The AUC and its standard deviation; with other scores of the same rows, of the difference from theirs."""
    above, below = placements(labels, scores)
    if others is not None:
        their_above, their_below = placements(labels, others)
        above, below = above - their_above, below - their_below
    variance = above.var(ddof=1) / len(above) + below.var(ddof=1) / len(below)
    return float(above.mean()), math.sqrt(variance)


def measured(value, deviation, low, high):
    """A number with its interval, as it is reported."""
    return {
        "value": round(value, 6),
        "standard_deviation": round(deviation, 6),
        "confidence_interval": {
            "level": 0.95,
            "lower": round(max(low, value - QUANTILE * deviation), 6),
            "upper": round(min(high, value + QUANTILE * deviation), 6),
        },
    }


def comparable(champion, challenger):
    """Why the two cannot be compared on the challenger's test rows, or None: the champion must not know them."""
    if champion is None:
        return "its archive does not tell what it was trained on"
    for part in ("seed", "shares"):
        if champion[part] != challenger[part]:
            return f"its rows were split by another {part}, {champion[part]} and not {challenger[part]}"
    for name, rows in champion["deliveries"].items():
        if not challenger["deliveries"].get(name, "").startswith(rows):
            return f"{name} no longer holds the rows that it was trained on"
    return None


def compare(labels, scores, theirs):
    """The difference of the AUCs, its interval and p-value, and what they say."""
    difference, deviation = delong(labels, scores, theirs)
    p = math.erfc(abs(difference) / deviation / math.sqrt(2)) if deviation > 0 else float(difference == 0)
    found = measured(difference, deviation, -1.0, 1.0)
    low, high = (found["confidence_interval"][side] for side in ("lower", "upper"))
    verdict = "better" if low > 0 else "worse" if high < 0 else "no clear difference"
    return {"verdict": verdict, "rows": len(labels), "difference": found, "p_value": float(f"{p:.2g}")}


def by_delivery(labels, scores, theirs, deliveries):
    """The AUCs on the test rows of each delivery that has enough of both kinds."""
    found = {}
    for name in sorted(set(deliveries)):
        mine = deliveries == name
        if min((labels[mine] == 1).sum(), (labels[mine] == 0).sum()) >= FEWEST:
            found[name] = {"rows": int(mine.sum()), "auc": round(delong(labels[mine], scores[mine])[0], 6)}
            if theirs is not None:
                found[name]["champion_auc"] = round(delong(labels[mine], theirs[mine])[0], 6)
    return found


def metrics_of(labels, scores):
    guesses = (scores >= 0.5).astype(int)
    return {
        "auc": measured(*delong(labels, scores), 0.0, 1.0),
        "accuracy": {"value": round(float((guesses == labels).mean()), 6)},
        "confusion_matrix": {
            str(truth): {str(guess): int(((labels == truth) & (guesses == guess)).sum()) for guess in (0, 1)}
            for truth in (0, 1)
        },
    }


def spoken(report):
    """The report in words, for whoever approves the version."""
    auc, comparison = report["classification_metrics"]["auc"], report["comparison"]
    said = [f"AUC {_number(auc)} on {report['rows']} rows that it was not trained on."]
    version = report["champion"]["version"]
    if comparison["verdict"] == NONE:
        said.append("No version was approved to compare it with.")
    elif comparison["verdict"] == "not compared":
        said.append(f"Not compared with the approved version {version}: {comparison['reason']}.")
    else:
        theirs = report["champion"]["auc"]
        said.append(
            f"The approved version {version} has {_number(theirs)} on the same rows: "
            f"{comparison['verdict']}, difference {_number(comparison['difference'])}, "
            f"p = {comparison['p_value']:g} (DeLong)."
        )
        said += [
            f"{name}: {each['champion_auc']:.3f} before, {each['auc']:.3f} now ({each['rows']} rows)."
            for name, each in report["deliveries"].items()
        ]
    return " ".join(said)[:1024]


def _number(found):
    interval = found["confidence_interval"]
    return f"{found['value']:.3f} (95 % interval {interval['lower']:.3f} to {interval['upper']:.3f})"


def registration(report):
    """What the registry keeps with the version: texts, as its properties are."""
    auc, comparison = report["classification_metrics"]["auc"], report["comparison"]
    difference, theirs = comparison.get("difference"), report["champion"].get("auc")
    texts = {
        "auc": auc["value"],
        "auc_lower_95": auc["confidence_interval"]["lower"],
        "auc_upper_95": auc["confidence_interval"]["upper"],
        "tested_on": report["rows"],
        "comparison": comparison["verdict"],
        "champion_auc": theirs["value"] if theirs else NONE,
        "auc_difference": difference["value"] if difference else NONE,
        "auc_difference_lower_95": difference["confidence_interval"]["lower"] if difference else NONE,
        "auc_difference_upper_95": difference["confidence_interval"]["upper"] if difference else NONE,
        "auc_difference_p": comparison["p_value"] if difference else NONE,
    }
    return {"metadata": {name: str(value) for name, value in texts.items()}, "description": spoken(report)}


def judge(labels, rows, deliveries, champion_version):
    """The whole report."""
    challenger = Model(ROOT / "model" / "model.tar.gz", Path("challenger"))
    scores, theirs = challenger.scores(rows), None
    champion, comparison = {"version": champion_version}, {"verdict": NONE}
    if champion_version != NONE:
        other = Model(next((ROOT / "champion").rglob("*.tar.gz")), Path("champion"))
        reason = comparable(other.split, challenger.split)
        if reason is None:
            theirs = other.scores(rows)
            champion["auc"] = measured(*delong(labels, theirs), 0.0, 1.0)
            comparison = compare(labels, scores, theirs)
        else:
            comparison = {"verdict": "not compared", "reason": reason}
    return {
        "classification_metrics": metrics_of(labels, scores),
        "rows": len(labels),
        "champion": champion,
        "comparison": comparison,
        "deliveries": by_delivery(labels, scores, theirs, deliveries),
    }


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--champion-version", default=NONE)
    asked = parser.parse_args()
    lines = [line.partition(",") for line in (ROOT / "test" / "test.csv").read_text().splitlines()]
    labels = np.array([int(label) for label, _, _ in lines])
    deliveries = np.array((ROOT / "test" / "deliveries.csv").read_text().splitlines())
    report = judge(labels, [row for _, _, row in lines], deliveries, asked.champion_version)
    folder = ROOT / "evaluation"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "evaluation.json").write_text(json.dumps(report, indent=2))
    (folder / "registration.json").write_text(json.dumps(registration(report), indent=2))
    print(spoken(report))


if __name__ == "__main__":
    main()
