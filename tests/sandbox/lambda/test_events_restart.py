"""Events outlive the server; a file of its own, as moto serves one server of a process at a time."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import boto3
import pytest

from ropeway.sandbox.server import Server
from tests.sandbox.made import function, message, queue


@pytest.mark.timeout(120)
def test_an_event_that_was_under_way_comes_again_after_a_restart(tmp_path: Path) -> None:
    def clients(server: Server) -> tuple[Any, Any]:
        made = [
            boto3.client(
                service,
                endpoint_url=server.endpoint,
                region_name="eu-west-1",
                aws_access_key_id="111111111111",
                aws_secret_access_key="secret",
            )
            for service in ("lambda", "sqs")
        ]
        return made[0], made[1]

    code = (
        "import boto3, os, time\ndef handler(event, context):\n"
        "    queues = boto3.client('sqs')\n"
        "    url = queues.get_queue_url(QueueName='q')['QueueUrl']\n"
        "    queues.send_message(QueueUrl=url, MessageBody='began')\n"
        "    if not os.path.exists(event['mark']):\n        open(event['mark'], 'w').close()\n        time.sleep(15)\n"
    )
    server = Server(tmp_path / "state", port=0)
    server.start()
    functions, sqs = clients(server)
    url, _ = queue(sqs, "q")
    function(functions, "slow", code)
    event = {"mark": str(tmp_path / "mark")}
    functions.invoke(FunctionName="slow", InvocationType="Event", Payload=json.dumps(event).encode())
    received = message(sqs, url)
    sqs.delete_message(QueueUrl=url, ReceiptHandle=received["ReceiptHandle"])
    server.stop()
    server = Server(tmp_path / "state", port=0)
    server.start()
    try:
        _, sqs = clients(server)
        assert message(sqs, sqs.get_queue_url(QueueName="q")["QueueUrl"])["Body"] == "began"
    finally:
        server.stop()
