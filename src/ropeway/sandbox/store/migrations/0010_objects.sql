-- S3: buckets, their configuration documents, object versions, multipart uploads, and the blobs behind them.

CREATE TABLE buckets (
  id INTEGER PRIMARY KEY,
  name TEXT NOT NULL UNIQUE,
  account TEXT NOT NULL,
  region TEXT NOT NULL,
  created REAL NOT NULL,
  versioning TEXT NOT NULL DEFAULT ''
) STRICT;
CREATE INDEX buckets_by_account ON buckets (account, name);

CREATE TABLE bucket_documents (
  bucket INTEGER NOT NULL REFERENCES buckets (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  id TEXT NOT NULL DEFAULT '',
  document TEXT NOT NULL,
  PRIMARY KEY (bucket, kind, id)
) STRICT, WITHOUT ROWID;

-- seq orders the versions of a key; live marks the one that a plain GET finds.
CREATE TABLE object_versions (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  bucket INTEGER NOT NULL REFERENCES buckets (id),
  key TEXT NOT NULL,
  version_id TEXT NOT NULL,
  live INTEGER NOT NULL,
  marker INTEGER NOT NULL,
  size INTEGER NOT NULL,
  etag TEXT NOT NULL,
  sha256 TEXT NOT NULL,
  modified REAL NOT NULL,
  attributes TEXT NOT NULL,
  tags TEXT NOT NULL
) STRICT;
CREATE UNIQUE INDEX object_versions_by_key ON object_versions (bucket, key, seq);
CREATE INDEX object_versions_live ON object_versions (bucket, key) WHERE live = 1;

-- How many versions have a content; at zero its file may go.
CREATE TABLE blobs (
  sha256 TEXT PRIMARY KEY,
  refs INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX blobs_unused ON blobs (sha256) WHERE refs = 0;

CREATE TRIGGER object_versions_added AFTER INSERT ON object_versions WHEN NEW.sha256 <> '' BEGIN
  INSERT OR IGNORE INTO blobs (sha256, refs) VALUES (NEW.sha256, 0);
  UPDATE blobs SET refs = refs + 1 WHERE sha256 = NEW.sha256;
END;
CREATE TRIGGER object_versions_removed AFTER DELETE ON object_versions WHEN OLD.sha256 <> '' BEGIN
  UPDATE blobs SET refs = refs - 1 WHERE sha256 = OLD.sha256;
END;

CREATE TABLE uploads (
  id TEXT PRIMARY KEY,
  bucket INTEGER NOT NULL REFERENCES buckets (id) ON DELETE CASCADE,
  key TEXT NOT NULL,
  created REAL NOT NULL,
  attributes TEXT NOT NULL,
  tags TEXT NOT NULL
) STRICT;
CREATE INDEX uploads_by_key ON uploads (bucket, key, id);

CREATE TABLE upload_parts (
  upload TEXT NOT NULL REFERENCES uploads (id) ON DELETE CASCADE,
  number INTEGER NOT NULL,
  file TEXT NOT NULL,
  size INTEGER NOT NULL,
  md5 TEXT NOT NULL,
  checksums TEXT NOT NULL,
  modified REAL NOT NULL,
  PRIMARY KEY (upload, number)
) STRICT, WITHOUT ROWID;
