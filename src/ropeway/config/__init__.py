"""``ropeway.yaml``: the one description of a platform, typed, checked, and the source of every derived name.

    text ─► marks (data + line and column of every key and value)
         ─► scan (no secrets, no unexpanded variables) ─► model (pydantic) ─► rules (what fields say together)
         ─► Platform ─► names (buckets, roles, parameters, … of each environment)

Everything here is pure but ``load``, which reads one file, and ``regions``, which reads botocore's list. All problems
are found in one go, each with file, line, column, key and advice. Left out on purpose: environment variables are
never expanded, there is no include and no second file, and there is no place for a secret.
"""
