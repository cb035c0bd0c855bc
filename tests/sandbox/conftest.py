"""A live sandbox on a free loopback port, and boto3 clients for it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config

from ropeway.sandbox.server import Server

Client = Callable[..., Any]


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for a test module; tests keep apart by names or accounts."""
    state: Path = tmp_path_factory.mktemp("sandbox")
    server = Server(state, port=0)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def client(sandbox: Server) -> Client:
    """`client("s3")`, `client("sagemaker", account="222222222222", region="us-east-1")`."""

    def make(service: str, account: str = "111111111111", region: str = "eu-west-1", **options: Any) -> Any:
        settings = {"retries": {"total_max_attempts": 1}, **options.pop("config", {})}
        return boto3.client(
            service,
            endpoint_url=sandbox.endpoint,
            region_name=region,
            aws_access_key_id=options.pop("access_key", account),
            aws_secret_access_key="secret",
            config=Config(**settings),
            **options,
        )

    return make
