"""Events: how many a second reach their targets, and how long one takes from the change that it tells of.

Every event must come to every target once: none lost, none twice, which is asserted. Both servers are asked by bare
requests over one connection, in the same run and in turns; a consumer per queue takes messages while they come. When a
message reached its queue is what SQS says of it (``SentTimestamp``), when a function or state machine began is what
they say. The peer is moto's server, whose PutEvents delivers to SQS before it answers; what it cannot do is told.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import event_sources
from bench.event_clients import Asked, Server, free_port
from bench.live import live

EVENTS = 500
RULES = 2
ONES = 60
_EACH = 10  # entries of a PutEvents
_SECONDS = 120.0

Arrivals = Mapping[str, float]


def run() -> list[dict[str, object]]:
    """Rows of throughput, then of latency, each with moto's in the same run where moto delivers."""
    with tempfile.TemporaryDirectory() as name, live(Path(name)) as sandbox, _moto() as moto:
        ours = Server("Ropeway", sandbox.endpoint, sandbox.pid)
        rows = _to_queues(ours, moto)
        rows += [_to_function(ours, Path(name)), _to_state_machine(ours)]
        rows += [{"what": f"to {kind}", "side": "moto", "note": _refusal(moto, kind)} for kind in _OTHERS]
        rows += _alone(ours, moto)
        rows += [_latency(f"{what} → SQS", "Ropeway", times) for what, times in event_sources.measure(ours)]
        rows.append({"what": "changes of status → SQS", "side": "moto", "note": event_sources.silence(moto)})
    return rows


def _to_queues(ours: Server, moto: Server) -> list[dict[str, object]]:
    rows = [_queues(each, f"many-{number}") for number in range(2) for each in (ours, moto)]
    best = [max(rows[side::2], key=lambda row: float(str(row["delivered/s"]))) for side in range(2)]
    best[0]["ratio"] = float(str(best[0]["delivered/s"])) / float(str(best[1]["delivered/s"]))
    return best


def _queues(server: Server, name: str) -> dict[str, object]:
    """Many events to a queue per rule."""
    urls = [_aim_at_queue(server.ask(), f"{name}-{rule}", name) for rule in range(RULES)]
    found: list[list[tuple[str, float]]] = [[] for _ in urls]
    takers = [
        threading.Thread(target=lambda n=number: found[n].extend(_take(server.ask(), urls[n], EVENTS)))
        for number in range(RULES)
    ]
    used = server.processor_seconds()
    for taker in takers:
        taker.start()
    began = time.time()
    sent = _put(server.ask(), name, EVENTS)
    accepted = time.time() - began
    for taker in takers:
        taker.join()
    used = server.processor_seconds() - used
    for each in found:
        _once(sent, [identity for identity, _ in each])
    last = max(moment for each in found for _, moment in each)
    return {
        "what": f"{EVENTS} events, {RULES} rules → SQS",
        "side": server.name,
        "accepted/s": EVENTS / accepted,
        "delivered/s": EVENTS * RULES / (last - began),
        "processor, ms per delivery": used / EVENTS / RULES * 1000,
    }


def _to_function(server: Server, folder: Path) -> dict[str, object]:
    """Many events to a function, which notes when it began with each."""
    notes = folder / "invocations"
    arn = event_sources.function(server, notes)
    _aim(server.ask(), "function", {"Arn": arn})
    _put(server.ask(), "function", 1)  # a worker is warm then, as on a platform that runs
    _wait(lambda: len(_notes(notes)) == 1)
    began = time.time()
    sent = _put(server.ask(), "function", EVENTS)
    accepted = time.time() - began
    _wait(lambda: len(_notes(notes)) > EVENTS)
    times = dict(_notes(notes)[1:])
    _once(sent, [identity for identity, _ in _notes(notes)[1:]])
    row = _throughput("Lambda", EVENTS / accepted, max(times.values()) - began)
    alone = []
    for _ in range(ONES):
        began = time.time()
        (identity,) = _put(server.ask(), "function", 1)
        _wait(lambda wanted=identity: wanted in dict(_notes(notes)))  # type: ignore[misc]
        alone.append(dict(_notes(notes))[identity] - began)
    return {**row, **_percentiles(alone)}


def _to_state_machine(server: Server) -> dict[str, object]:
    """Many events to a state machine of one state."""
    arn, role = event_sources.state_machine(server)
    _aim(server.ask(), "machine", {"Arn": arn, "RoleArn": role})
    began = time.time()
    sent = _put(server.ask(), "machine", EVENTS)
    accepted = time.time() - began
    _wait(lambda: len(_executions(server.ask(), arn)) == EVENTS, pause=0.2)
    times = _executions(server.ask(), arn)
    _once(sent, list(times))
    row = _throughput("Step Functions", EVENTS / accepted, max(times.values()) - began)
    alone = []
    for _ in range(ONES):
        began = time.time()
        (identity,) = _put(server.ask(), "machine", 1)
        _wait(lambda wanted=identity: wanted in _executions(server.ask(), arn))  # type: ignore[misc]
        alone.append(_executions(server.ask(), arn)[identity] - began)
    return {**row, **_percentiles(alone)}


def _alone(ours: Server, moto: Server) -> list[dict[str, object]]:
    """One event at a time: from before PutEvents is called to its message in the queue."""
    urls = {server.name: _aim_at_queue(server.ask(), "alone", "alone") for server in (ours, moto)}
    times: dict[str, list[float]] = {"Ropeway": [], "moto": []}
    for _ in range(ONES):
        for server in (ours, moto):
            began = time.time()
            _put(server.ask(), "alone", 1)
            ((_, moment),) = _take(server.ask(), urls[server.name], 1)
            times[server.name].append(moment - began)
    rows = [_latency("PutEvents → SQS", name, each) for name, each in times.items()]
    rows[0]["ratio"] = float(str(rows[0]["p50 ms"])) / float(str(rows[1]["p50 ms"]))
    return rows


def _throughput(target: str, accepted: float, seconds: float) -> dict[str, object]:
    return {
        "what": f"{EVENTS} events → {target}",
        "side": "Ropeway",
        "accepted/s": accepted,
        "delivered/s": EVENTS / seconds,
    }


def _latency(what: str, side: str, seconds: Sequence[float]) -> dict[str, object]:
    return {"what": what, "side": side, **_percentiles(seconds)}


def _percentiles(seconds: Sequence[float]) -> dict[str, object]:
    ordered = sorted(seconds)
    return {
        "p50 ms": max(ordered[len(ordered) // 2] * 1000, 0.0),
        "p95 ms": max(ordered[int(len(ordered) * 0.95)] * 1000, 0.0),
    }


def _put(ask: Asked, source: str, count: int) -> list[str]:
    """Send events; their ids."""
    sent: list[str] = []
    for start in range(0, count, _EACH):
        entries = [
            {
                "Source": source,
                "DetailType": "bench",
                "Detail": json.dumps({"number": number, "status": "done"}),
            }
            for number in range(start, min(start + _EACH, count))
        ]
        told = ask("events", "PutEvents", {"Entries": entries})
        assert told["FailedEntryCount"] == 0, told
        sent += [entry["EventId"] for entry in told["Entries"]]
    return sent


def _take(ask: Asked, url: str, count: int) -> list[tuple[str, float]]:
    """That many events out of a queue: their ids, and when each came into it."""
    found: list[tuple[str, float]] = []
    until = time.monotonic() + _SECONDS
    while len(found) < count:
        assert time.monotonic() < until, f"{count - len(found)} of {count} events never came"
        wanted = {"MaxNumberOfMessages": 10, "WaitTimeSeconds": 5, "AttributeNames": ["SentTimestamp"]}
        messages = ask("sqs", "ReceiveMessage", {"QueueUrl": url, **wanted}).get("Messages", [])
        for message in messages:
            moment = int(message["Attributes"]["SentTimestamp"]) / 1000
            found.append((json.loads(message["Body"])["id"], moment))
        handles = [
            {"Id": str(number), "ReceiptHandle": each["ReceiptHandle"]}
            for number, each in enumerate(messages)
        ]
        if handles:
            ask("sqs", "DeleteMessageBatch", {"QueueUrl": url, "Entries": handles})
    return found


def _once(sent: Sequence[str], came: Sequence[str]) -> None:
    """Every event, and each of them once."""
    counted = Counter(came)
    lost = set(sent) - set(counted)
    twice = [identity for identity, times in counted.items() if times > 1]
    assert not lost, f"{len(lost)} of {len(sent)} events are lost"
    assert not twice, f"{len(twice)} events came twice"
    assert len(counted) == len(sent), "events came that nobody sent"


def _aim_at_queue(ask: Asked, name: str, source: str) -> str:
    """A rule for a source, and its queue's address."""
    url: str = ask("sqs", "CreateQueue", {"QueueName": name})["QueueUrl"]
    arn = f"arn:aws:sqs:eu-west-1:111111111111:{name}"
    event_sources.open_queue(ask, url, arn)
    _aim(ask, name, {"Arn": arn}, source)
    return url


def _aim(ask: Asked, name: str, target: Mapping[str, Any], source: str = "") -> None:
    ask("events", "PutRule", {"Name": name, "EventPattern": json.dumps({"source": [source or name]})})
    told = ask("events", "PutTargets", {"Rule": name, "Targets": [{"Id": "target", **target}]})
    assert told["FailedEntryCount"] == 0, told


def _executions(ask: Asked, arn: str) -> dict[str, float]:
    """When the execution of each event began."""
    found: dict[str, float] = {}
    token: dict[str, str] = {}
    while True:
        told = ask("stepfunctions", "ListExecutions", {"stateMachineArn": arn, "maxResults": 1000, **token})
        found |= {each["name"].partition("_")[0]: each["startDate"] for each in told["executions"]}
        if not told.get("nextToken"):
            return found
        token = {"nextToken": told["nextToken"]}


def _notes(path: Path) -> list[tuple[str, float]]:
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    return [(line.split()[0], float(line.split()[1])) for line in lines]


def _wait(done: Callable[[], bool], pause: float = 0.01) -> None:
    until = time.monotonic() + _SECONDS
    while not done():
        assert time.monotonic() < until, "events never came"
        time.sleep(pause)


_OTHERS = {
    "Lambda": "arn:aws:lambda:eu-west-1:111111111111:function:none",
    "Step Functions": "arn:aws:states:eu-west-1:111111111111:stateMachine:none",
}


def _refusal(moto: Server, kind: str) -> str:
    """What moto does with an event for such a target."""
    _aim(moto.ask(), kind.replace(" ", "-"), {"Arn": _OTHERS[kind]})
    try:
        _put(moto.ask(), kind.replace(" ", "-"), 1)
    except AssertionError as error:
        return f"does not deliver: answers with status {str(error)[:3]}"
    return "accepts the event"


@contextmanager
def _moto() -> Iterator[Server]:
    """moto's own server, in a process of its own."""
    port = free_port()
    command = [sys.executable, "-m", "moto.server", "-p", str(port)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        server = Server("moto", f"http://127.0.0.1:{port}", process.pid)
        server.wait()
        yield server
    finally:
        process.terminate()
        process.wait()
