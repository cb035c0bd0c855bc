"""The MLflow side of ``bench.registry``: ``python mlflow_registry.py DATABASE VERSIONS ROUNDS``; prints JSON."""

import json
import sqlite3
import sys
import time
from collections.abc import Callable

from mlflow import MlflowClient  # type: ignore[import-not-found] # in an environment of its own

NAME = "bench"
SECONDS = 10  # for one operation, at most


def main(database: str, size: int, rounds: int) -> dict[str, float]:
    """Medians in milliseconds."""
    client = MlflowClient(registry_uri=f"sqlite:///{database}", tracking_uri=f"sqlite:///{database}")
    client.create_registered_model(NAME)
    client.create_model_version(NAME, source="s3://bench/model.tar.gz")
    fill(database, size)
    made = client.create_model_version(NAME, source="s3://bench/model.tar.gz")
    assert int(made.version) == size + 1
    newest = {
        "filter_string": f"name = '{NAME}'",
        "max_results": 10,
        "order_by": ["creation_timestamp DESC", "version_number DESC"],
    }
    found = client.search_model_versions(**newest)
    assert int(found[0].version) == size + 1
    assert len(found) == 10
    middle = str(size // 2)
    assert client.get_model_version(NAME, middle).version in {middle, int(middle)}
    return {
        "create ms": median(
            lambda: client.create_model_version(NAME, source="s3://bench/model.tar.gz"), rounds
        ),
        "describe ms": median(lambda: client.get_model_version(NAME, middle), rounds),
        "approve ms": median(
            lambda: client.set_model_version_tag(NAME, middle, "approval", "Approved"), rounds
        ),
        "newest 10 ms": median(lambda: client.search_model_versions(**newest), rounds),
    }


def fill(database: str, size: int) -> None:
    """Rows like the first version's, up to a number of versions."""
    with sqlite3.connect(database) as connection:
        connection.row_factory = sqlite3.Row
        first = dict(connection.execute("SELECT * FROM model_versions").fetchone())
        columns = ", ".join(first)
        marks = ", ".join(f":{name}" for name in first)
        rows = ({**first, "version": number} for number in range(2, size + 1))
        connection.executemany(f"INSERT INTO model_versions ({columns}) VALUES ({marks})", rows)


def median(action: Callable[[], object], rounds: int) -> float:
    times: list[float] = []
    while len(times) < rounds and (sum(times) < SECONDS or len(times) < 3):
        began = time.perf_counter()
        action()
        times.append(time.perf_counter() - began)
    return sorted(times)[len(times) // 2] * 1000


if __name__ == "__main__":
    print(json.dumps(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]))))
