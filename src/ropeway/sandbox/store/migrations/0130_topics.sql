CREATE TABLE topics (
  arn TEXT PRIMARY KEY,
  account TEXT NOT NULL,
  region TEXT NOT NULL,
  attributes TEXT NOT NULL,
  deleted INTEGER NOT NULL
) STRICT;
CREATE TABLE subscriptions (
  arn TEXT PRIMARY KEY,
  topic_arn TEXT NOT NULL,
  account TEXT NOT NULL,
  region TEXT NOT NULL,
  protocol TEXT NOT NULL,
  endpoint TEXT NOT NULL,
  attributes TEXT NOT NULL,
  token TEXT NOT NULL
) STRICT;
CREATE INDEX subscriptions_by_topic ON subscriptions (topic_arn);
CREATE TABLE topic_deliveries (
  id TEXT PRIMARY KEY,
  subscription_arn TEXT NOT NULL,
  message TEXT NOT NULL,
  due REAL NOT NULL,
  attempts INTEGER NOT NULL
) STRICT;
CREATE TABLE mails (
  number INTEGER PRIMARY KEY,
  account TEXT NOT NULL,
  receiver TEXT NOT NULL,
  sender TEXT NOT NULL,
  subject TEXT NOT NULL,
  body TEXT NOT NULL,
  link TEXT NOT NULL,
  sent REAL NOT NULL
) STRICT;
