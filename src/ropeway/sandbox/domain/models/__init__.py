"""Models: what serves, as CreateModel describes it."""
