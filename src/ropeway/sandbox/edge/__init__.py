"""HTTP on one side, typed calls on the other."""
