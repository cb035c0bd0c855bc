"""``python -m ropeway``: the command line."""

from __future__ import annotations

from ropeway.cli import main

if __name__ == "__main__":
    main()
