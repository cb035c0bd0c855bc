CREATE TABLE pipelines (
  arn TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  region TEXT NOT NULL,
  name TEXT NOT NULL,
  created REAL NOT NULL,
  modified REAL NOT NULL,
  document TEXT NOT NULL,
  version INTEGER NOT NULL,
  last_run REAL,
  token TEXT NOT NULL
) STRICT;
CREATE INDEX pipelines_by_creation ON pipelines (account, region, created);
CREATE INDEX pipelines_by_name ON pipelines (account, region, name);

CREATE TABLE pipeline_versions (
  pipeline_arn TEXT NOT NULL REFERENCES pipelines (arn) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  created REAL NOT NULL,
  definition TEXT NOT NULL,
  document TEXT NOT NULL,
  last_execution TEXT,
  PRIMARY KEY (pipeline_arn, number)
) STRICT;
CREATE INDEX pipeline_versions_by_creation ON pipeline_versions (pipeline_arn, created);

-- name is the ARN: lists are sorted by it.
CREATE TABLE executions (
  name TEXT PRIMARY KEY,
  pipeline_arn TEXT NOT NULL REFERENCES pipelines (arn) ON DELETE CASCADE,
  id TEXT NOT NULL,
  status TEXT NOT NULL,
  created REAL NOT NULL,
  modified REAL NOT NULL,
  ended REAL,
  role_arn TEXT NOT NULL,
  version INTEGER NOT NULL,
  definition TEXT NOT NULL,
  parameters TEXT NOT NULL,
  given TEXT NOT NULL,
  parallelism INTEGER NOT NULL,
  document TEXT NOT NULL,
  token TEXT NOT NULL,
  failure_reason TEXT
) STRICT;
CREATE INDEX executions_by_creation ON executions (pipeline_arn, created);
CREATE INDEX executions_by_name ON executions (pipeline_arn, name);
CREATE UNIQUE INDEX executions_by_token ON executions (pipeline_arn, token);
CREATE INDEX executions_unfinished ON executions (status) WHERE status IN ('Executing', 'Stopping');

CREATE TABLE step_runs (
  execution_arn TEXT NOT NULL REFERENCES executions (name) ON DELETE CASCADE,
  name TEXT NOT NULL,
  pipeline_arn TEXT NOT NULL,
  type TEXT NOT NULL,
  status TEXT NOT NULL,
  attempt INTEGER NOT NULL,
  position INTEGER NOT NULL,
  start REAL NOT NULL,
  ended REAL,
  failure_reason TEXT,
  metadata TEXT NOT NULL,
  resource TEXT NOT NULL,
  outputs TEXT NOT NULL,
  cache_key TEXT NOT NULL,
  cached_from TEXT NOT NULL,
  PRIMARY KEY (execution_arn, name)
) STRICT;
CREATE INDEX step_runs_by_cache_key ON step_runs (pipeline_arn, name, cache_key, ended)
  WHERE status = 'Succeeded' AND cache_key <> '';
