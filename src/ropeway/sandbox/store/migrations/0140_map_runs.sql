CREATE TABLE machine_map_runs (
  arn TEXT PRIMARY KEY,
  execution_arn TEXT NOT NULL,
  started REAL NOT NULL,
  document TEXT NOT NULL,
  inputs TEXT NOT NULL
) STRICT;
CREATE INDEX machine_map_runs_by_execution ON machine_map_runs (execution_arn, started);
