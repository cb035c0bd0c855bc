"""The part of the composition root that puts monitoring schedules together."""

from __future__ import annotations

from ropeway.sandbox.domain.endpoints.service import Endpoints
from ropeway.sandbox.domain.jobs.service import Jobs
from ropeway.sandbox.domain.monitoring.service import MonitoringSchedules, Surroundings
from ropeway.sandbox.domain.ports import Alarms
from ropeway.sandbox.domain.records.service import Records
from ropeway.sandbox.domain.tags.service import Tags
from ropeway.sandbox.store.db import Database
from ropeway.sandbox.store.records import SqliteRecords
from ropeway.values.clock import Clock
from ropeway.values.ids import Ids

__all__ = ["monitoring_over"]


def monitoring_over(
    database: Database, world: tuple[Clock, Ids, Alarms], tags: Tags, jobs: Jobs, endpoints: Endpoints
) -> MonitoringSchedules:
    """Put monitoring schedules together."""
    clock, ids, alarms = world
    store = SqliteRecords(database)
    records = Records(store, database, clock, ids, tags)

    def captured(arn: str) -> str | None:
        endpoint = endpoints.describe(arn)
        config = endpoint.get("DataCaptureConfig", {})
        if not config.get("EnableCapture"):
            return None
        return f"{config['DestinationS3Uri'].rstrip('/')}/{endpoint['EndpointName']}"

    return MonitoringSchedules(Surroundings(jobs, records, store, database, alarms, captured))
