-- EventBridge's archives, what is in them, and replays. document: the API's members.
CREATE TABLE event_archives (
  arn TEXT PRIMARY KEY,
  bus_arn TEXT NOT NULL,
  account TEXT NOT NULL,
  region TEXT NOT NULL,
  name TEXT NOT NULL,
  created REAL NOT NULL,
  document TEXT NOT NULL
) STRICT;
CREATE INDEX event_archives_by_bus ON event_archives (bus_arn);
CREATE TABLE archived_events (
  number INTEGER PRIMARY KEY AUTOINCREMENT,
  archive_arn TEXT NOT NULL REFERENCES event_archives (arn) ON DELETE CASCADE,
  time REAL NOT NULL,
  event TEXT NOT NULL
) STRICT;
CREATE INDEX archived_events_by_time ON archived_events (archive_arn, time);
CREATE TABLE event_replays (
  arn TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  region TEXT NOT NULL,
  name TEXT NOT NULL,
  created REAL NOT NULL,
  document TEXT NOT NULL
) STRICT;
