CREATE TABLE sessions (
  access_key TEXT PRIMARY KEY,
  secret_key TEXT NOT NULL,
  token TEXT NOT NULL,
  account TEXT NOT NULL,
  role_arn TEXT NOT NULL,
  name TEXT NOT NULL,
  role_id TEXT NOT NULL,
  expires REAL NOT NULL
) STRICT;
CREATE INDEX sessions_by_expiry ON sessions (expires);
