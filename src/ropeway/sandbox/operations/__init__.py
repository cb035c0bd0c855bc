"""The API's surface: one module per resource family, a small function per operation, no state."""
