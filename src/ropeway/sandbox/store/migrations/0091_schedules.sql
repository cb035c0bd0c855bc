-- EventBridge Scheduler, what is due next of rules and schedules, and how far the sandbox's clock is ahead.
CREATE TABLE schedule_groups (
  arn TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  region TEXT NOT NULL,
  name TEXT NOT NULL,
  created REAL NOT NULL,
  modified REAL NOT NULL
) STRICT;
CREATE TABLE schedules (
  arn TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  region TEXT NOT NULL,
  group_name TEXT NOT NULL,
  name TEXT NOT NULL,
  created REAL NOT NULL,
  modified REAL NOT NULL,
  anchor REAL NOT NULL,
  document TEXT NOT NULL,
  token TEXT NOT NULL
) STRICT;
CREATE INDEX schedules_by_place ON schedules (account, region, group_name, name);
CREATE TABLE timers (
  arn TEXT PRIMARY KEY,
  scheduled REAL NOT NULL,
  due REAL NOT NULL
) STRICT;
CREATE INDEX timers_by_due ON timers (due);
CREATE TABLE clock (seconds REAL NOT NULL) STRICT;
