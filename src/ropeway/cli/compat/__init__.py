"""Entry points with the arguments of the pipeline projects that existing CI files call."""
