CREATE TABLE jobs (
  arn TEXT NOT NULL UNIQUE,
  kind TEXT NOT NULL,
  account TEXT NOT NULL,
  region TEXT NOT NULL,
  name TEXT NOT NULL,
  status TEXT NOT NULL,
  secondary TEXT NOT NULL,
  created REAL NOT NULL,
  modified REAL NOT NULL,
  started REAL,
  ended REAL,
  failure_reason TEXT,
  exit_message TEXT,
  request TEXT NOT NULL,
  result TEXT NOT NULL,
  transitions TEXT NOT NULL,
  containers TEXT NOT NULL,
  execution_arn TEXT,
  step TEXT
) STRICT;
CREATE INDEX jobs_by_creation ON jobs (account, region, kind, created);
CREATE INDEX jobs_by_name ON jobs (account, region, kind, name);
CREATE INDEX jobs_by_status ON jobs (account, region, kind, status, created);
CREATE INDEX jobs_unfinished ON jobs (created) WHERE status IN ('InProgress', 'Stopping');

CREATE TABLE models (
  arn TEXT NOT NULL UNIQUE,
  account TEXT NOT NULL,
  region TEXT NOT NULL,
  name TEXT NOT NULL,
  created REAL NOT NULL,
  request TEXT NOT NULL
) STRICT;
CREATE INDEX models_by_creation ON models (account, region, created);
CREATE INDEX models_by_name ON models (account, region, name);

-- Names in package ARNs are in lower case, so groups and packages are told apart without regard to it.
CREATE TABLE model_package_groups (
  arn TEXT NOT NULL COLLATE NOCASE UNIQUE,
  account TEXT NOT NULL,
  region TEXT NOT NULL,
  name TEXT NOT NULL,
  created REAL NOT NULL,
  created_by TEXT NOT NULL,
  description TEXT,
  policy TEXT,
  configuration TEXT NOT NULL,
  last_version INTEGER NOT NULL
) STRICT;
CREATE INDEX model_package_groups_by_creation ON model_package_groups (account, region, created);
CREATE INDEX model_package_groups_by_name ON model_package_groups (account, region, name);

CREATE TABLE model_packages (
  arn TEXT NOT NULL COLLATE NOCASE UNIQUE,
  account TEXT NOT NULL,
  region TEXT NOT NULL,
  name TEXT NOT NULL,
  group_name TEXT NOT NULL,
  group_arn TEXT NOT NULL COLLATE NOCASE,
  versioned INTEGER NOT NULL,
  version INTEGER NOT NULL,
  approval TEXT NOT NULL,
  status TEXT NOT NULL,
  created REAL NOT NULL,
  created_by TEXT NOT NULL,
  modified REAL,
  modified_by TEXT NOT NULL,
  document TEXT NOT NULL
) STRICT;
CREATE INDEX model_packages_of_group ON model_packages (group_arn, created);
CREATE INDEX model_packages_of_group_by_name ON model_packages (group_arn, name);
CREATE INDEX model_packages_of_group_by_approval ON model_packages (group_arn, approval, created);
CREATE INDEX model_packages_of_account ON model_packages (account, region, created);
CREATE INDEX model_packages_of_account_by_kind ON model_packages (account, region, versioned, created);
CREATE INDEX model_packages_of_account_by_name ON model_packages (account, region, name);

-- What a client token made: the same token again is answered with it, another request with it is refused.
CREATE TABLE client_tokens (
  scope TEXT NOT NULL,
  token TEXT NOT NULL,
  digest TEXT NOT NULL,
  arn TEXT NOT NULL,
  created REAL NOT NULL,
  PRIMARY KEY (scope, token)
) STRICT;
CREATE INDEX client_tokens_by_age ON client_tokens (created);

CREATE TABLE tags (
  arn TEXT NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  UNIQUE (arn, key)
) STRICT;
