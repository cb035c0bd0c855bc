"""What Ropeway does, one module per verb. Nothing here prints: results are dataclasses, progress is a callback."""
