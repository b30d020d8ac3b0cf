"""Macros of the adapter type `redshift_data`; all others are those of dbt-redshift."""

from pathlib import Path

PACKAGE_PATH = str(Path(__file__).parent)
