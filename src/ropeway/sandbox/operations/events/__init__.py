"""EventBridge's API."""
