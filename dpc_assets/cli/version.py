"""`dpc version`."""

import argparse
from importlib.metadata import version
from pathlib import Path


def run(options: argparse.Namespace, home: Path) -> int:
    names = ("dpc-learning", "dagster", "dagster-dbt", "dbt-core", "duckdb", "sqlglot")
    print("\n".join(f"{name} {version(name)}" for name in names))
    return 0
