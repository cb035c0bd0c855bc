"""``python -m bench.chaos --kills 200 --seed 1``; exit status 1 when anything was wrong."""

from __future__ import annotations

import argparse
import sys

from bench.__main__ import machine, table
from bench.chaos import Campaign, campaign


def main() -> int:
    """Run one campaign and tell."""
    parser = argparse.ArgumentParser(prog="python -m bench.chaos")
    parser.add_argument("--kills", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--longest", type=float, default=4.0, help="seconds between two kills at most")
    parser.add_argument("--keep", action="store_true", help="keep the sandbox's folder")
    options = parser.parse_args()
    print(machine(), flush=True)
    result = campaign(Campaign(options.kills, options.seed, options.longest, options.keep))
    print(f"\n{table([result.row()])}\n")
    print("\n".join(f"{name}: {count}" for name, count in sorted(result.counts.items())))
    print("\n".join(f"wrong: {line}" for line in result.wrong))
    return 1 if result.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
