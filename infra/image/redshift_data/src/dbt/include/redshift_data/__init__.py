"""The macros of the adapter: only what cannot be dbt-redshift's."""

from pathlib import Path

PACKAGE_PATH = str(Path(__file__).parent)
