"""What really runs: processes, their folders and environments, serving over loopback."""
