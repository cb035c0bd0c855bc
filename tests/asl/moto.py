"""``python -m tests.asl.moto``: how many of the cases moto's own interpreter gets right, for comparison."""

from __future__ import annotations

import logging
from collections import Counter

import boto3
from botocore.config import Config
from moto.core.config import default_user_config
from moto.server import ThreadedMotoServer

from tests.asl.conformance import Runner, load, report


def main() -> None:
    """Run the cases at a server of moto's."""
    default_user_config["stepfunctions"]["execute_state_machine"] = True
    logging.getLogger("werkzeug").setLevel(logging.ERROR)  # it tells every request
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    client = boto3.client(
        "stepfunctions",
        "eu-west-1",
        endpoint_url=f"http://{host}:{port}",
        aws_access_key_id="x",
        aws_secret_access_key="x",
        config=Config(max_pool_connections=32, retries={"total_max_attempts": 1}),
    )
    cases = load()
    runner = Runner(client, "arn:aws:iam::123456789012:role/RopewayExecutionRole", longest=10.0)
    try:
        report(cases, Counter(case.group for case, _ in runner.run_all(cases, 8)))
    finally:
        server.stop()


if __name__ == "__main__":
    main()
