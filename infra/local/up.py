"""`make aws-local` and `make aws-local-down`: `.venv/bin/python infra/local/up.py [--down]`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

PROJECT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(PROJECT / each) for each in ("infra/local", "infra/checks")]

from aws_up import up  # noqa: E402
from aws_up.place import Place  # noqa: E402


def main() -> int:
    words = argparse.ArgumentParser(prog="up.py", description="Brings an AWS up on this machine, deploys, and runs.")
    words.add_argument("--port", type=int, default=up.PORT, help=f"0 takes any (default {up.PORT}, or another)")
    words.add_argument("--months", type=int, default=up.MONTHS, help=f"months of deliveries (default {up.MONTHS})")
    words.add_argument("--down", action="store_true", help="end what is up and remove it")
    words.add_argument("--folder", type=Path, default=PROJECT / ".aws-local", help="what is up is kept here alone")
    given = words.parse_args()
    where = Place(PROJECT, given.folder.resolve())
    if given.down:
        sys.stdout.write("Down; nothing is left.\n" if up.down(where) else "Nothing was up.\n")
        return 0
    return up.run(where, given.port, given.months)


if __name__ == "__main__":
    sys.exit(main())
