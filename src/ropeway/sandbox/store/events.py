"""Buses, rules and deliveries in SQLite."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Sequence

from ropeway.sandbox.domain.events.model import Bus, Delivery, Rule
from ropeway.sandbox.store.db import Database

__all__ = ["SqliteBuses", "SqliteDeliveries", "SqliteRules"]


class SqliteBuses:
    """Implements ``domain.events.ports.BusStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, arn: str) -> Bus | None:
        """A bus, or None."""
        row = self._database.reader.execute("SELECT * FROM event_buses WHERE arn = ?", (arn,)).fetchone()
        return None if row is None else _bus(row)

    def put(self, bus: Bus) -> None:
        """Keep a bus, new or changed."""
        policy = None if bus.policy is None else json.dumps(dict(bus.policy))
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO event_buses (arn, account, region, name, created, modified, policy, document)"
                " VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (arn) DO UPDATE SET"
                " modified = excluded.modified, policy = excluded.policy, document = excluded.document",
                (
                    bus.arn,
                    bus.account,
                    bus.region,
                    bus.name,
                    bus.created,
                    bus.modified,
                    policy,
                    json.dumps(dict(bus.document)),
                ),
            )

    def delete(self, arn: str) -> None:
        """Forget a bus."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM event_buses WHERE arn = ?", (arn,))

    def list(self, account: str, region: str) -> Sequence[Bus]:
        """The buses of an account and region by name."""
        rows = self._database.reader.execute(
            "SELECT * FROM event_buses WHERE account = ? AND region = ? ORDER BY name", (account, region)
        )
        return [_bus(row) for row in rows]


class SqliteRules:
    """Implements ``domain.events.ports.RuleStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def get(self, arn: str) -> Rule | None:
        """A rule, or None."""
        row = self._database.reader.execute("SELECT * FROM event_rules WHERE arn = ?", (arn,)).fetchone()
        return None if row is None else _rule(row)

    def put(self, rule: Rule) -> None:
        """Keep a rule, new or changed."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO event_rules (arn, bus_arn, account, region, bus, name, state, created, pattern, schedule,"
                " description, role_arn, targets) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
                " ON CONFLICT (arn) DO UPDATE SET state = excluded.state, pattern = excluded.pattern,"
                " schedule = excluded.schedule, description = excluded.description, role_arn = excluded.role_arn,"
                " targets = excluded.targets, created = excluded.created",
                (
                    rule.arn,
                    rule.bus_arn,
                    rule.account,
                    rule.region,
                    rule.bus,
                    rule.name,
                    rule.state,
                    rule.created,
                    rule.pattern,
                    rule.schedule,
                    rule.description,
                    rule.role_arn,
                    json.dumps([dict(target) for target in rule.targets]),
                ),
            )

    def delete(self, arn: str) -> None:
        """Forget a rule and its targets."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM event_rules WHERE arn = ?", (arn,))

    def of_bus(self, bus_arn: str) -> Sequence[Rule]:
        """The rules of a bus by name."""
        rows = self._database.reader.execute(
            "SELECT * FROM event_rules WHERE bus_arn = ? ORDER BY name", (bus_arn,)
        )
        return [_rule(row) for row in rows]


class SqliteDeliveries:
    """Implements ``domain.events.ports.DeliveryStore``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, delivery: Delivery) -> None:
        """Queue a delivery."""
        with self._database.transaction() as connection:
            connection.execute(
                "INSERT INTO event_deliveries (id, source, principal, account, region, target, payload, event,"
                " created, due, hops, attempts) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
                (
                    delivery.id,
                    delivery.source,
                    delivery.principal,
                    delivery.account,
                    delivery.region,
                    json.dumps(dict(delivery.target)),
                    delivery.payload,
                    json.dumps(dict(delivery.event)),
                    delivery.created,
                    delivery.due,
                    delivery.hops,
                    delivery.attempts,
                ),
            )

    def postpone(self, delivery: Delivery) -> None:
        """Write when to try again, and how often it failed."""
        with self._database.transaction() as connection:
            connection.execute(
                "UPDATE event_deliveries SET due = ?, attempts = ? WHERE number = ?",
                (delivery.due, delivery.attempts, delivery.number),
            )

    def done(self, delivery: Delivery) -> None:
        """Forget a delivery."""
        with self._database.transaction() as connection:
            connection.execute("DELETE FROM event_deliveries WHERE number = ?", (delivery.number,))

    def get(self, number: int) -> Delivery | None:
        """A delivery by its place in the queue."""
        row = self._database.reader.execute(
            "SELECT * FROM event_deliveries WHERE number = ?", (number,)
        ).fetchone()
        return None if row is None else _delivery(row)

    def after(self, number: int, limit: int) -> Sequence[Delivery]:
        """Deliveries behind a place in the queue, in order."""
        rows = self._database.reader.execute(
            "SELECT * FROM event_deliveries WHERE number > ? ORDER BY number LIMIT ?", (number, limit)
        )
        return [_delivery(row) for row in rows]

    def next_due(self) -> float | None:
        """When the earliest is due."""
        row = self._database.reader.execute("SELECT min(due) AS due FROM event_deliveries").fetchone()
        return None if row["due"] is None else float(row["due"])


def _bus(row: sqlite3.Row) -> Bus:
    return Bus(
        account=row["account"],
        region=row["region"],
        name=row["name"],
        created=row["created"],
        modified=row["modified"],
        policy=None if row["policy"] is None else json.loads(row["policy"]),
        document=json.loads(row["document"]),
    )


def _rule(row: sqlite3.Row) -> Rule:
    return Rule(
        account=row["account"],
        region=row["region"],
        bus=row["bus"],
        name=row["name"],
        state=row["state"],
        created=row["created"],
        pattern=row["pattern"],
        schedule=row["schedule"],
        description=row["description"],
        role_arn=row["role_arn"],
        targets=json.loads(row["targets"]),
    )


def _delivery(row: sqlite3.Row) -> Delivery:
    return Delivery(
        id=row["id"],
        source=row["source"],
        principal=row["principal"],
        account=row["account"],
        region=row["region"],
        target=json.loads(row["target"]),
        payload=row["payload"],
        event=json.loads(row["event"]),
        created=row["created"],
        due=row["due"],
        hops=row["hops"],
        attempts=row["attempts"],
        number=row["number"],
    )
