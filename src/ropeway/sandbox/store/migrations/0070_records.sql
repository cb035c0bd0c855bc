CREATE TABLE records (
    arn TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    parent TEXT NOT NULL,
    created REAL NOT NULL,
    modified REAL NOT NULL,
    document TEXT NOT NULL
) STRICT;

CREATE INDEX records_by_creation ON records (kind, account, region, created);
CREATE INDEX records_by_name ON records (kind, account, region, name);
CREATE INDEX records_by_parent ON records (kind, account, region, parent, created);
