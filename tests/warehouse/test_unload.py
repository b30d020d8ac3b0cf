"""UNLOAD: one Parquet object below the prefix, rows in order, types as in Redshift."""

import duckdb
import pytest
from warehouse_place import Place

from dpc_assets.steps.errors import WarehouseError
from dpc_assets.steps.export import UNLOAD_OPTIONS

FOLDER = "processed/t/month=2025-04/"
PLAIN = "IAM_ROLE default FORMAT AS PARQUET"


@pytest.fixture
def table(place: Place) -> Place:
    place.ports.warehouse.execute(
        ["CREATE SCHEMA s", "CREATE TABLE s.t (n INTEGER, a VARCHAR(12), d DECIMAL(9,2), day DATE)"], name="make"
    )
    place.ports.warehouse.execute(
        ["INSERT INTO s.t VALUES (2, 'it''s', 1.50, DATE '2025-04-02'), (1, 'b\\\\', NULL, NULL), (3, '', 0, NULL)"],
        name="fill",
    )
    return place


def unload(place: Place, query: str, options: str = UNLOAD_OPTIONS, folder: str = FOLDER) -> int:
    quoted = query.replace("\\", "\\\\").replace("'", "''")
    (rows,) = place.ports.warehouse.execute(
        [f"UNLOAD ('{quoted}') TO '{place.store.uri(folder)}' {options}"], name="unload"
    )
    return rows


def keys(place: Place) -> list[str]:
    return [found.key for found in place.store.list("processed/")]


def read(place: Place, sql: str) -> list[tuple[object, ...]]:
    path = place.root / "lake" / FOLDER / "000.parquet"
    with duckdb.connect() as connection:
        return connection.execute(sql.replace("?", f"read_parquet('{path}', hive_partitioning = false)")).fetchall()


def test_rows_in_the_order_asked_for(table: Place) -> None:
    assert unload(table, "SELECT n, a FROM s.t WHERE a <> 'none' ORDER BY n") == 3
    assert keys(table) == [FOLDER + "000.parquet"]
    assert read(table, "SELECT n, a FROM ?") == [(1, "b\\"), (2, "it's"), (3, "")]


def test_a_literal_with_quote_and_backslash_arrives(table: Place) -> None:
    assert unload(table, "SELECT n FROM s.t WHERE a = 'b\\\\' OR a = 'it''s' ORDER BY n") == 2


def test_types_are_those_of_redshift(table: Place) -> None:
    unload(table, "SELECT n, SUM(n) AS total, a, d, day FROM s.t GROUP BY n, a, d, day ORDER BY n DESC")
    assert read(table, "SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM ?)") == [
        ("n", "INTEGER"),
        ("total", "DECIMAL(38,0)"),
        ("a", "VARCHAR"),
        ("d", "DECIMAL(9,2)"),
        ("day", "DATE"),
    ]
    assert read(table, "SELECT n FROM ?") == [(3,), (2,), (1,)]


def test_the_same_rows_give_the_same_bytes(table: Place) -> None:
    unload(table, "SELECT * FROM s.t ORDER BY n")
    first = table.store.read(FOLDER + "000.parquet")
    unload(table, "SELECT * FROM s.t ORDER BY n")
    assert table.store.read(FOLDER + "000.parquet") == first


def test_cleanpath_removes_what_lay_there_and_nothing_else(table: Place) -> None:
    table.store.write(FOLDER + "old.parquet", b"old")
    table.store.write("processed/t/month=2025-05/000.parquet", b"other")
    unload(table, "SELECT n FROM s.t ORDER BY n")
    assert keys(table) == [FOLDER + "000.parquet", "processed/t/month=2025-05/000.parquet"]


def test_without_cleanpath_objects_there_are_an_error(table: Place) -> None:
    table.store.write(FOLDER + "old.parquet", b"old")
    with pytest.raises(WarehouseError, match="holds 1 objects: add CLEANPATH or ALLOWOVERWRITE"):
        unload(table, "SELECT n FROM s.t", PLAIN)
    unload(table, "SELECT n FROM s.t", PLAIN + " ALLOWOVERWRITE")
    assert keys(table) == [FOLDER + "000.parquet", FOLDER + "old.parquet"]


def test_a_query_that_fails_removes_nothing(table: Place) -> None:
    table.store.write(FOLDER + "old.parquet", b"old")
    with pytest.raises(WarehouseError, match="nowhere"):
        unload(table, "SELECT n FROM s.nowhere")
    assert keys(table) == [FOLDER + "old.parquet"]


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (PLAIN + " CLEANPATH ALLOWOVERWRITE", "exclude each other"),
        ("IAM_ROLE default", "expected FORMAT AS PARQUET"),
        (PLAIN + " HEADER", "found also HEADER"),
    ],
)
def test_other_options_are_refused(table: Place, options: str, told: str) -> None:
    with pytest.raises(WarehouseError, match=told):
        unload(table, "SELECT n FROM s.t", options)
