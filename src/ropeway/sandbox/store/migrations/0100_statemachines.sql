CREATE TABLE machines (
  arn TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  region TEXT NOT NULL,
  name TEXT NOT NULL,
  definition TEXT NOT NULL,
  role_arn TEXT NOT NULL,
  type TEXT NOT NULL,
  settings TEXT NOT NULL,
  revision TEXT NOT NULL,
  created REAL NOT NULL,
  updated REAL NOT NULL
) STRICT;
CREATE INDEX machines_by_name ON machines (account, region, name);
CREATE TABLE machine_versions (
  arn TEXT NOT NULL,
  version INTEGER NOT NULL,
  definition TEXT NOT NULL,
  role_arn TEXT NOT NULL,
  type TEXT NOT NULL,
  settings TEXT NOT NULL,
  revision TEXT NOT NULL,
  created REAL NOT NULL,
  description TEXT NOT NULL,
  PRIMARY KEY (arn, version)
) STRICT;
CREATE TABLE machine_aliases (
  arn TEXT PRIMARY KEY,
  machine_arn TEXT NOT NULL,
  name TEXT NOT NULL,
  description TEXT NOT NULL,
  routes TEXT NOT NULL,
  created REAL NOT NULL,
  updated REAL NOT NULL
) STRICT;
CREATE TABLE machine_executions (
  arn TEXT PRIMARY KEY,
  machine_arn TEXT NOT NULL,
  name TEXT NOT NULL,
  status TEXT NOT NULL,
  created REAL NOT NULL,
  document TEXT NOT NULL
) STRICT;
CREATE INDEX machine_executions_by_created ON machine_executions (machine_arn, created);
CREATE INDEX machine_executions_running ON machine_executions (status) WHERE status = 'RUNNING';
CREATE TABLE machine_frames (
  execution_arn TEXT NOT NULL,
  number INTEGER NOT NULL,
  token TEXT NOT NULL,
  document TEXT NOT NULL,
  PRIMARY KEY (execution_arn, number)
) STRICT;
CREATE INDEX machine_frames_by_token ON machine_frames (token) WHERE token != '';
CREATE TABLE machine_events (
  execution_arn TEXT NOT NULL,
  number INTEGER NOT NULL,
  document TEXT NOT NULL,
  PRIMARY KEY (execution_arn, number)
) STRICT, WITHOUT ROWID;
CREATE TABLE activities (
  arn TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  region TEXT NOT NULL,
  name TEXT NOT NULL,
  created REAL NOT NULL
) STRICT;
