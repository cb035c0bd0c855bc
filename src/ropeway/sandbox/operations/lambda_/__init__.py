"""Lambda: invocations. What functions are is kept by moto."""
