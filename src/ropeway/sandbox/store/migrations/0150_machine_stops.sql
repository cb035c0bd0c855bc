-- What nobody waits for any more and has not been stopped yet: jobs, executions and Map Runs that tasks have started.
CREATE TABLE machine_stops (
  execution_arn TEXT NOT NULL,
  token TEXT NOT NULL,
  document TEXT NOT NULL,
  PRIMARY KEY (execution_arn, token)
) STRICT, WITHOUT ROWID;
