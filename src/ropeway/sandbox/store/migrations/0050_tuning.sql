CREATE TABLE tunings (
  arn TEXT NOT NULL UNIQUE,
  account TEXT NOT NULL,
  region TEXT NOT NULL,
  name TEXT NOT NULL,
  status TEXT NOT NULL,
  created REAL NOT NULL,
  modified REAL NOT NULL,
  ended REAL,
  seed INTEGER NOT NULL,
  closing TEXT NOT NULL,
  failure_reason TEXT,
  request TEXT NOT NULL,
  tags TEXT NOT NULL,
  execution_arn TEXT,
  step TEXT
) STRICT;
CREATE INDEX tunings_by_creation ON tunings (account, region, created);
CREATE INDEX tunings_by_name ON tunings (account, region, name);
CREATE INDEX tunings_by_status ON tunings (account, region, status, created);
CREATE INDEX tunings_unfinished ON tunings (created) WHERE status IN ('InProgress', 'Stopping');

-- The training jobs of tuning jobs; a row is there before its job is.
CREATE TABLE trials (
  tuning_arn TEXT NOT NULL,
  number INTEGER NOT NULL,
  arn TEXT NOT NULL,
  name TEXT NOT NULL,
  definition INTEGER NOT NULL,
  hyperparameters TEXT NOT NULL,
  status TEXT NOT NULL,
  created REAL NOT NULL,
  started REAL,
  ended REAL,
  failure_reason TEXT,
  value REAL,
  series TEXT NOT NULL,
  PRIMARY KEY (tuning_arn, number)
) STRICT;
CREATE INDEX trials_by_job ON trials (arn);
