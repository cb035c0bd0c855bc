"""EventBridge Scheduler's API."""
