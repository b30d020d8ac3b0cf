"""COPY and UNLOAD: what Redshift does with our one option list."""

import duckdb
import pytest
from warehouse_place import Place

from dpc_assets.steps.copy_raw import COPY_OPTIONS
from dpc_assets.steps.errors import WarehouseError
from dpc_assets.steps.export import UNLOAD_OPTIONS

EDGES = [
    "",
    "\\N",
    "NULL",
    "null",
    '"a',
    'a"b"',
    '"',
    "b\\",
    "\\",
    "x\u0085y",
    "\u3000",
    "  lead ",
    "\ufeff",
    "#c",
    "'q",
    "a\rb",
    "\r",
    "薬\U000f1234",
    "\x1a",
]


@pytest.fixture
def table(place: Place) -> Place:
    place.ports.warehouse.execute(
        [
            "CREATE SCHEMA raw",
            "CREATE TABLE raw.t (n INTEGER NOT NULL, a VARCHAR(12) NOT NULL, b VARCHAR(12) NOT NULL)",
        ],
        name="make",
    )
    return place


def copy(place: Place, uri: str, options: str = COPY_OPTIONS) -> int:
    (rows,) = place.ports.warehouse.execute([f"COPY raw.t FROM '{uri}' {options}"], name="copy")
    return rows


def test_every_text_arrives_as_delivered(table: Place) -> None:
    uri = table.part("stage/f/part-0000.tsv.gz", *(f"{i}\t{text}\t{text}" for i, text in enumerate(EDGES)))
    assert copy(table, uri) == len(EDGES)
    assert table.rows("SELECT n, a, b FROM raw.t ORDER BY n") == [(i, text, text) for i, text in enumerate(EDGES)]


def test_every_part_of_the_prefix_is_loaded(table: Place) -> None:
    table.part("stage/f/part-0000.tsv.gz", "1\ta\tb")
    table.part("stage/f/part-0001.tsv.gz")
    uri = table.part("stage/f/part-0002.tsv.gz", "2\ta\tb")
    assert copy(table, uri) == 2


def test_an_absent_prefix_is_an_error(table: Place) -> None:
    with pytest.raises(WarehouseError, match="COPY raw.t: the prefix s3://local-lake/stage/none/ holds no object"):
        copy(table, table.store.uri("stage/none/"))


@pytest.mark.parametrize(
    ("line", "what"),
    [
        ("2\ta", "Expected Number of Columns: 3 Found: 2"),
        ("2\ta\tb\tc", "Expected Number of Columns: 3 Found: 4"),
        ("x\ta\tb", 'Error when converting column "n"'),
        ("2\t" + "漢" * 5 + "\tb", "CHECK constraint failed"),
    ],
)
def test_a_bad_line_loads_nothing_and_names_the_object(table: Place, line: str, what: str) -> None:
    uri = table.part("stage/f/part-0000.tsv.gz", "1\ta\tb", line)
    with pytest.raises(WarehouseError) as caught:
        copy(table, uri)
    assert "COPY raw.t FROM stage/f/part-0000.tsv.gz" in str(caught.value)
    assert what in str(caught.value)
    assert table.rows("SELECT COUNT(*) FROM raw.t") == [(0,)]


def test_a_part_cut_short_is_an_error(table: Place) -> None:
    uri = table.part("stage/f/part-0000.tsv.gz", *(f"{i}\ta\tb" for i in range(5000)))
    whole = table.store.read("stage/f/part-0000.tsv.gz")
    table.store.write("stage/f/part-0000.tsv.gz", whole[: len(whole) // 2])
    with pytest.raises(WarehouseError, match="not whole gzip data"):
        copy(table, uri)


def test_an_option_that_is_not_ours_is_refused(table: Place) -> None:
    with pytest.raises(WarehouseError, match="found also MAXERROR 5"):
        copy(table, table.part("stage/f/p.gz", "1\ta\tb"), COPY_OPTIONS + " MAXERROR 5")


def test_unload_replaces_what_lies_below_the_prefix(table: Place) -> None:
    table.store.write("processed/t/month=2025-04/old.parquet", b"old")
    table.ports.warehouse.execute(["INSERT INTO raw.t VALUES (2, 'it''s', 'b'), (1, 'a', 'b')"], name="fill")
    query = "SELECT * FROM raw.t WHERE b = ''b'' ORDER BY n"
    table.ports.warehouse.execute(
        [f"UNLOAD ('{query}') TO '{table.store.uri('processed/t/month=2025-04/')}' {UNLOAD_OPTIONS}"], name="unload"
    )
    assert [found.key for found in table.store.list("processed/")] == ["processed/t/month=2025-04/000.parquet"]
    parquet = table.root / "lake" / "processed" / "t" / "month=2025-04" / "000.parquet"
    with duckdb.connect() as connection:
        assert connection.execute(f"SELECT n, a FROM '{parquet}'").fetchall() == [(1, "a"), (2, "it's")]
