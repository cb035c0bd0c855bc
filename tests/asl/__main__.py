"""``python -m tests.asl``: the conformance cases at the endpoint that AWS_ENDPOINT_URL names, else at AWS."""

from __future__ import annotations

import argparse
import sys
from collections import Counter

import boto3
from botocore.config import Config

from tests.asl.conformance import Runner, load, report


def main() -> int:
    """Run the cases; 1 when one went otherwise than told."""
    parser = argparse.ArgumentParser(prog="python -m tests.asl", description=__doc__)
    parser.add_argument("--group", help="only one file of cases, such as jsonata")
    parser.add_argument(
        "--role", help="the machines' role; RopewayExecutionRole of the caller's account by default"
    )
    parser.add_argument("--parallel", type=int, default=8, help="cases at once")
    parser.add_argument("--pause", type=float, default=0.05, help="seconds between two looks at an execution")
    given = parser.parse_args()
    role = given.role
    if role is None:
        account = boto3.client("sts").get_caller_identity()["Account"]
        role = f"arn:aws:iam::{account}:role/RopewayExecutionRole"
    settings = Config(max_pool_connections=2 * given.parallel + 2, inject_host_prefix=False)
    cases = load(given.group)
    failed = Runner(boto3.client("stepfunctions", config=settings), role, given.pause).run_all(
        cases, given.parallel
    )
    for case, told in failed:
        sys.stdout.write(f"{case.group}: {case.name}: {told}\n")
    report(cases, Counter(case.group for case, _ in failed))
    return int(bool(failed))


if __name__ == "__main__":
    raise SystemExit(main())
