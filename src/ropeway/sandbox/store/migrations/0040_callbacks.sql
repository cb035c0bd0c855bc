-- What callback steps wait for. answer is null while they wait.
CREATE TABLE callbacks (
  token TEXT PRIMARY KEY,
  execution_arn TEXT NOT NULL REFERENCES executions (name) ON DELETE CASCADE,
  step TEXT NOT NULL,
  queue_url TEXT NOT NULL,
  arguments TEXT NOT NULL,
  outputs TEXT NOT NULL,
  deadline REAL NOT NULL,
  sent TEXT NOT NULL,
  stopping INTEGER NOT NULL,
  digest TEXT NOT NULL,
  answer TEXT
) STRICT;
CREATE INDEX callbacks_by_execution ON callbacks (execution_arn);
