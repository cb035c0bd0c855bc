-- Retries, selective execution and iterations of steps; aliases of versions; faults on order.
ALTER TABLE executions ADD COLUMN attempts TEXT NOT NULL DEFAULT '{}';
CREATE INDEX executions_by_version ON executions (pipeline_arn, version, created);

-- due: when a waiting step is tried again.
ALTER TABLE step_runs ADD COLUMN due REAL;
ALTER TABLE step_runs ADD COLUMN retries TEXT NOT NULL DEFAULT '{}';
ALTER TABLE step_runs ADD COLUMN reused_from TEXT NOT NULL DEFAULT '';
ALTER TABLE step_runs ADD COLUMN iteration TEXT NOT NULL DEFAULT '{}';
CREATE INDEX step_runs_by_position ON step_runs (execution_arn, position);

CREATE TABLE pipeline_aliases (
  pipeline_arn TEXT NOT NULL REFERENCES pipelines (arn) ON DELETE CASCADE,
  alias TEXT NOT NULL,
  number INTEGER NOT NULL,
  PRIMARY KEY (pipeline_arn, alias)
) STRICT;

CREATE TABLE faults (
  id TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  pipeline TEXT NOT NULL,
  step TEXT NOT NULL,
  type TEXT NOT NULL,
  "left" INTEGER NOT NULL,
  created REAL NOT NULL
) STRICT;
