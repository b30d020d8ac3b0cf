"""Redshift's compiled SQL as DuckDB can run it: parsed by sqlglot's Redshift dialect, written in DuckDB's."""

from __future__ import annotations

import sqlglot


def duckdb_sql(sql: str) -> str:
    """One compiled SELECT; a construct that DuckDB does not have raises instead of being dropped."""
    return sqlglot.transpile(sql, read="redshift", write="duckdb", unsupported_level=sqlglot.ErrorLevel.RAISE)[0]
