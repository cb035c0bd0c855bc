CREATE TABLE endpoints (
    arn TEXT PRIMARY KEY,
    account TEXT NOT NULL,
    region TEXT NOT NULL,
    name TEXT NOT NULL,
    status TEXT NOT NULL,
    created REAL NOT NULL,
    modified REAL NOT NULL,
    document TEXT NOT NULL
) STRICT;

CREATE INDEX endpoints_by_creation ON endpoints (account, region, created);
CREATE INDEX endpoints_by_name ON endpoints (account, region, name);
CREATE INDEX endpoints_by_status ON endpoints (account, region, status);
