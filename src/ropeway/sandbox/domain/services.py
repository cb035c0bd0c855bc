"""The domain as one value: what an operation can reach."""

from __future__ import annotations

from dataclasses import dataclass

from ropeway.sandbox.domain.endpoints.invocations import Invocations
from ropeway.sandbox.domain.endpoints.service import Endpoints
from ropeway.sandbox.domain.events.service import Events
from ropeway.sandbox.domain.function_events import FunctionEvents
from ropeway.sandbox.domain.functions import CodeStore, Functions
from ropeway.sandbox.domain.identity.attached import Attached
from ropeway.sandbox.domain.jobs.service import Jobs
from ropeway.sandbox.domain.keys.service import Keys
from ropeway.sandbox.domain.lineage.service import Lineage
from ropeway.sandbox.domain.models.service import Models
from ropeway.sandbox.domain.monitoring.service import MonitoringSchedules
from ropeway.sandbox.domain.objects.s3 import S3
from ropeway.sandbox.domain.pipelines.callbacks import Callbacks
from ropeway.sandbox.domain.pipelines.executions import Executions
from ropeway.sandbox.domain.pipelines.service import Pipelines
from ropeway.sandbox.domain.ports import Peers
from ropeway.sandbox.domain.records.service import Records
from ropeway.sandbox.domain.registry.service import Registry
from ropeway.sandbox.domain.schedules.service import Schedules
from ropeway.sandbox.domain.sessions import Sessions
from ropeway.sandbox.domain.statemachines.activities import Activities
from ropeway.sandbox.domain.statemachines.aliases import Aliases
from ropeway.sandbox.domain.statemachines.executions import MachineExecutions
from ropeway.sandbox.domain.statemachines.mapruns import MapRuns
from ropeway.sandbox.domain.statemachines.service import Machines
from ropeway.sandbox.domain.tags.service import Tags
from ropeway.sandbox.domain.topics.publish import Publisher
from ropeway.sandbox.domain.topics.service import Topics
from ropeway.sandbox.domain.topics.subscriptions import Subscriptions
from ropeway.sandbox.domain.tuning.service import Tunings

__all__ = ["Domain"]


@dataclass(frozen=True)
class Domain:
    """The services of the domain, put together by ``compose``."""

    sessions: Sessions
    jobs: Jobs
    tunings: Tunings
    models: Models
    endpoints: Endpoints
    invocations: Invocations
    objects: S3
    keys: Keys
    pipelines: Pipelines
    executions: Executions
    callbacks: Callbacks
    events: Events
    schedules: Schedules
    registry: Registry
    tags: Tags
    attached: Attached
    lineage: Lineage
    functions: Functions
    function_events: FunctionEvents
    code: CodeStore
    records: Records
    monitoring: MonitoringSchedules
    peers: Peers
    machines: Machines
    aliases: Aliases
    machine_executions: MachineExecutions
    map_runs: MapRuns
    activities: Activities
    topics: Topics
    subscriptions: Subscriptions
    publisher: Publisher
