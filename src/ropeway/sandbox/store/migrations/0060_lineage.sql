CREATE TABLE lineage_entities (
  arn TEXT PRIMARY KEY,
  kind TEXT NOT NULL,
  account TEXT NOT NULL,
  region TEXT NOT NULL,
  name TEXT NOT NULL,
  type TEXT NOT NULL,
  source TEXT NOT NULL,
  parent TEXT NOT NULL,
  created REAL NOT NULL,
  modified REAL NOT NULL,
  created_by TEXT NOT NULL,
  modified_by TEXT NOT NULL,
  document TEXT NOT NULL
) STRICT;
CREATE INDEX lineage_entities_by_creation ON lineage_entities (account, region, kind, created);
CREATE INDEX lineage_entities_by_name ON lineage_entities (account, region, kind, name);
CREATE INDEX lineage_entities_by_source ON lineage_entities (account, region, kind, source);
CREATE INDEX lineage_entities_by_parent ON lineage_entities (account, region, kind, parent);

CREATE TABLE lineage_associations (
  source TEXT NOT NULL,
  destination TEXT NOT NULL,
  type TEXT,
  created REAL NOT NULL,
  created_by TEXT NOT NULL,
  PRIMARY KEY (source, destination)
) STRICT;
CREATE INDEX lineage_associations_by_destination ON lineage_associations (destination);

CREATE TABLE lineage_members (
  trial TEXT NOT NULL,
  component TEXT NOT NULL,
  PRIMARY KEY (trial, component)
) STRICT;
CREATE INDEX lineage_members_by_component ON lineage_members (component);

CREATE TABLE lineage_metrics (
  component TEXT NOT NULL,
  name TEXT NOT NULL,
  time REAL NOT NULL,
  value REAL NOT NULL,
  step INTEGER
) STRICT;
CREATE INDEX lineage_metrics_by_name ON lineage_metrics (component, name);
