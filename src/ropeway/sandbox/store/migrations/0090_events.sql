-- EventBridge: buses, rules with their targets, and what is to be delivered. document, policy, targets: JSON.
CREATE TABLE event_buses (
  arn TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  region TEXT NOT NULL,
  name TEXT NOT NULL,
  created REAL NOT NULL,
  modified REAL NOT NULL,
  policy TEXT,
  document TEXT NOT NULL
) STRICT;
CREATE INDEX event_buses_by_place ON event_buses (account, region, name);
CREATE TABLE event_rules (
  arn TEXT PRIMARY KEY,
  bus_arn TEXT NOT NULL,
  account TEXT NOT NULL,
  region TEXT NOT NULL,
  bus TEXT NOT NULL,
  name TEXT NOT NULL,
  state TEXT NOT NULL,
  created REAL NOT NULL,
  pattern TEXT NOT NULL,
  schedule TEXT NOT NULL,
  description TEXT NOT NULL,
  role_arn TEXT NOT NULL,
  targets TEXT NOT NULL
) STRICT;
CREATE INDEX event_rules_by_bus ON event_rules (bus_arn, name);
-- One row per event and target until the target has it, or has refused it for good.
CREATE TABLE event_deliveries (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL,
  source TEXT NOT NULL,
  principal TEXT NOT NULL,
  account TEXT NOT NULL,
  region TEXT NOT NULL,
  target TEXT NOT NULL,
  payload TEXT NOT NULL,
  event TEXT NOT NULL,
  created REAL NOT NULL,
  due REAL NOT NULL,
  hops INTEGER NOT NULL,
  attempts INTEGER NOT NULL
) STRICT;
CREATE INDEX event_deliveries_by_due ON event_deliveries (due);
