CREATE TABLE function_events (
  id TEXT PRIMARY KEY,
  arn TEXT NOT NULL,
  caller_account TEXT NOT NULL,
  payload TEXT NOT NULL,
  accepted REAL NOT NULL,
  due REAL NOT NULL,
  attempts INTEGER NOT NULL,
  throttled INTEGER NOT NULL
) STRICT;
