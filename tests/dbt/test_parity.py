"""What is compiled for Redshift gives the same tables as what is compiled for DuckDB, model by model."""

from __future__ import annotations

import pytest
from as_redshift import duckdb_sql
from small_lake import contents, small_lake

from dpc_assets.local.compiled import build_with, compiled


@pytest.fixture(scope="module")
def both() -> tuple[dict, dict]:
    found = []
    for target, translate in (("duckdb", str), ("redshift", duckdb_sql)):
        connection = small_lake()
        connection.execute("set integer_division = true" if target == "redshift" else "set integer_division = false")
        build_with(connection, compiled(target), None, translate)
        found.append(contents(connection))
    return found[0], found[1]


def test_the_same_tables_exist(both) -> None:
    assert both[0].keys() == both[1].keys()
    assert len(both[0]) == 39


def test_every_table_has_the_same_rows(both) -> None:
    different = [table for table in both[0] if both[0][table] != both[1][table]]
    assert different == []


def test_the_fixture_fills_every_mart_and_most_stage_tables(both) -> None:
    empty = {table for table, rows in both[0].items() if len(rows) == 1}
    assert empty == {"stage.stg_efg", "stage.stg_kn"}
