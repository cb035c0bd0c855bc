"""Archives and replays."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from ropeway.sandbox.domain.errors import DomainError
from ropeway.sandbox.domain.events.archives import Archive, Replay
from ropeway.sandbox.operations.call import Call
from ropeway.sandbox.operations.events.listing import page
from ropeway.sandbox.operations.pages import moment
from ropeway.sandbox.operations.registry import operation

__all__: list[str] = []

_TIMES = ("EventStartTime", "EventEndTime", "EventLastReplayedTime")


@operation("events", "CreateArchive")
def create(call: Call) -> dict[str, Any]:
    """Make an archive."""
    return _told(call, call.domain.events.archives.create(call.account, call.region, call.params))


@operation("events", "UpdateArchive")
def update(call: Call) -> dict[str, Any]:
    """Change an archive."""
    return _told(call, call.domain.events.archives.update(call.account, call.region, call.params))


@operation("events", "DescribeArchive")
def describe(call: Call) -> dict[str, Any]:
    """Tell an archive."""
    found = call.domain.events.archives.find(call.params["ArchiveName"], call.account, call.region)
    return _told(call, found)


@operation("events", "DeleteArchive")
def delete(call: Call) -> None:
    """Forget an archive and what is in it."""
    call.domain.events.archives.delete(call.params["ArchiveName"], call.account, call.region)


@operation("events", "ListArchives")
def list_archives(call: Call) -> dict[str, Any]:
    """Archives of the account and region."""
    params = call.params
    found = [
        archive
        for archive in call.domain.events.archives.store.list(call.account, call.region)
        if archive.name.startswith(params.get("NamePrefix", ""))
        and params.get("EventSourceArn", archive.bus_arn) == archive.bus_arn
        and params.get("State", "ENABLED") == "ENABLED"
    ]
    shown, more = page(found, params)
    return {"Archives": [_told(call, archive) for archive in shown], **more}


@operation("events", "StartReplay")
def start(call: Call) -> dict[str, Any]:
    """Give a bus events of an archive again."""
    request = {
        name: value.timestamp() if isinstance(value, datetime) else value
        for name, value in call.params.items()
    }
    replay = call.domain.events.archives.start(call.account, call.region, request)
    return {"ReplayArn": replay.arn, "State": "STARTING", "ReplayStartTime": moment(replay.created)}


@operation("events", "DescribeReplay")
def describe_replay(call: Call) -> dict[str, Any]:
    """Tell a replay."""
    return _replayed(_replay(call))


@operation("events", "ListReplays")
def list_replays(call: Call) -> dict[str, Any]:
    """Replays of the account and region."""
    params = call.params
    found = [
        replay
        for replay in call.domain.events.archives.store.replays(call.account, call.region)
        if replay.name.startswith(params.get("NamePrefix", ""))
        and params.get("EventSourceArn", replay.document["EventSourceArn"])
        == replay.document["EventSourceArn"]
        and params.get("State", "COMPLETED") == "COMPLETED"
    ]
    shown, more = page(found, params)
    return {"Replays": [_replayed(replay) for replay in shown], **more}


@operation("events", "CancelReplay")
def cancel(call: Call) -> dict[str, Any]:
    """Stop a replay; here each is over when it was started."""
    replay = _replay(call)
    text = f"Replay {replay.name} is not in a valid state for this operation."
    raise DomainError(text, code="IllegalStatusException", status=400)


def _replay(call: Call) -> Replay:
    return call.domain.events.archives.replayed(call.params["ReplayName"], call.account, call.region)


def _told(call: Call, archive: Archive) -> dict[str, Any]:
    count, size = call.domain.events.archives.store.size(archive.arn)
    return {
        "ArchiveArn": archive.arn,
        "ArchiveName": archive.name,
        "EventSourceArn": archive.bus_arn,
        "State": "ENABLED",
        "CreationTime": moment(archive.created),
        "RetentionDays": 0,
        "EventCount": count,
        "SizeBytes": size,
        **archive.document,
    }


def _replayed(replay: Replay) -> dict[str, Any]:
    times = {name: moment(replay.document[name]) for name in _TIMES if name in replay.document}
    return {
        "ReplayArn": replay.arn,
        "ReplayName": replay.name,
        "State": "COMPLETED",
        "ReplayStartTime": moment(replay.created),
        "ReplayEndTime": moment(replay.created),
        **replay.document,
        **times,
    }
