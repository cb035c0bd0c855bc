"""Functions with ``@step``, one execution after the other; prints their seconds as JSON. For ``bench.warm``."""

import json
import sys

from sagemaker.workflow.function_step import step
from sagemaker.workflow.pipeline import Pipeline

ROLE = "arn:aws:iam::111111111111:role/RopewayExecutionRole"


def add(one: int, two: int) -> int:
    """A sum."""
    return one + two


def main(count: int) -> list[float]:
    """Run the function so many times."""
    added = step(add, name="Add", instance_type="ml.m5.large", role=ROLE)
    pipeline = Pipeline("functions", steps=[added(2, 3)])
    pipeline.upsert(ROLE)
    times = []
    for _ in range(count):
        execution = pipeline.start()
        execution.wait(delay=1)
        assert execution.result("Add") == 5
        (told,) = execution.list_steps()
        times.append((told["EndTime"] - told["StartTime"]).total_seconds())
    return times


if __name__ == "__main__":
    print(json.dumps(main(int(sys.argv[1]))))
