"""SNS: topics, subscriptions, messages."""
