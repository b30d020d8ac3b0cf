"""COPY: delivered text arrives as delivered; what Redshift refuses is refused: with its place, without its values."""

from __future__ import annotations

import gzip

import duckdb
import pytest
from warehouse_place import Place
from warehouse_place import packed as part

from dpc_assets.steps.copy_raw import COPY_OPTIONS
from dpc_assets.steps.errors import WarehouseError
from dpc_assets.steps.ports import Ports

TABLE = (
    "CREATE TABLE s.t "
    "(version INTEGER NOT NULL, line_no BIGINT NOT NULL, a VARCHAR(12) NOT NULL, b VARCHAR(12) NOT NULL)"
)
DELIVERED = [
    "",
    "\\N",
    "NULL",
    "null",
    "Null",
    '"',
    '"a',
    'a"b"',
    "'",
    "\\",
    "b\\",
    "\\\\",
    "\\t",
    "x\u0085y",
    "p\rq",
    "end\r",
    "\r",
    "\u3000",
    "  123456",
    "trail  ",
    "\x1a",
    "\ufeffx",
    "#c",
    "a,b|c;d",
    "\x01",
    "\x0b\x0c",
    "髙①㈱～",
    "\u2028\u2029",
    "00000000",
    "-0",
    "%s{}$",
]


@pytest.fixture
def ports(place: Place) -> Ports:
    place.ports.warehouse.execute(["CREATE SCHEMA s", TABLE], name="table")
    return place.ports


def copy(ports: Ports, prefix: str, columns: str = "") -> tuple[int, ...]:
    uri = ports.store.uri(prefix)
    return ports.warehouse.execute([f"COPY s.t {columns} FROM '{uri}' {COPY_OPTIONS}"], name="copy")


def rows(ports: Ports) -> list[tuple[object, ...]]:
    return list(ports.warehouse.fetch("SELECT line_no, a, b FROM s.t ORDER BY line_no", name="rows"))


@pytest.mark.parametrize("members", [1, 4])
def test_delivered_text_stays_as_it_is(ports: Ports, members: int) -> None:
    lines = [["1", str(n), value, value] for n, value in enumerate(DELIVERED)]
    ports.store.write("stage/x/part-0000.tsv.gz", part(lines, members=members))
    assert copy(ports, "stage/x/") == (len(DELIVERED),)
    assert rows(ports) == [(n, value, value) for n, value in enumerate(DELIVERED)]


@pytest.mark.parametrize("value", DELIVERED)
def test_each_text_alone_in_a_part(ports: Ports, value: str) -> None:
    ports.store.write("stage/x/part-0000.tsv.gz", part([["1", "1", value, value]]))
    copy(ports, "stage/x/")
    assert rows(ports) == [(1, value, value)]


def test_all_parts_below_the_prefix_and_no_other(ports: Ports) -> None:
    ports.store.write("stage/x/part-0000.tsv.gz", part([["1", "1", "a", ""]]))
    ports.store.write("stage/x/part-0001.tsv.gz", part([["1", "2", "b", ""]]))
    ports.store.write("stage/x/part-0002.tsv.gz", part([]))
    ports.store.write("stage/xy/part-0000.tsv.gz", part([["1", "3", "c", ""]]))
    assert copy(ports, "stage/x/") == (2,)
    assert rows(ports) == [(1, "a", ""), (2, "b", "")]


def test_a_last_line_without_an_end_counts(ports: Ports) -> None:
    ports.store.write("stage/x/p.gz", gzip.compress(b"1\t1\ta\tb\n1\t2\ta\tb"))
    assert copy(ports, "stage/x/") == (2,)


def test_columns_in_the_order_of_the_list(ports: Ports) -> None:
    ports.store.write("stage/x/p.gz", part([["B", "A", "7", "1"]]))
    copy(ports, "stage/x/", "(b, a, line_no, version)")
    assert rows(ports) == [(7, "A", "B")]


REFUSED = {
    "too few": ([["1", "1", "a", "b"], ["1", "2", "a"]], "line 2: expected 4 columns, found 3"),
    "too many": ([["1", "1", "a", "b", "c"]], "line 1: expected 4 columns, found 5"),
    "blank line": ([["1", "1", "a", "b"], [""], ["1", "3", "a", "b"]], "line 2: expected 4 columns, found 1"),
    "wide": (
        [["1", "1", "a", "b"], ["1", "2", "a", "田中太郎さん"]],
        "line 2 column 4 (b): expected at most 12 bytes, found 18",
    ),
    "no number": (
        [["1", "one", "secret", "b"]],
        "line 1 column 2 (line_no): expected a whole number (bigint), found other text",
    ),
    "empty number": (
        [["", "1", "a", "b"]],
        "line 1 column 1 (version): expected a whole number (integer), found other text",
    ),
    "big number": (
        [["2147483648", "1", "a", "b"]],
        "line 1 column 1 (version): expected a whole number (integer), found other text",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_refuses_with_the_place_and_keeps_nothing(ports: Ports, case: str) -> None:
    lines, told = REFUSED[case]
    ports.store.write("stage/x/part-0000.tsv.gz", part([["1", "0", "fine", ""]]))
    ports.store.write("stage/x/part-0001.tsv.gz", part(lines))
    with pytest.raises(WarehouseError) as refused:
        copy(ports, "stage/x/")
    assert str(refused.value) == f"copy: statement 1 of 1: ERROR: COPY s.t FROM stage/x/part-0001.tsv.gz: {told}"
    assert rows(ports) == []


def test_a_value_never_stands_in_an_error(ports: Ports) -> None:
    ports.store.write("stage/x/p.gz", gzip.compress("1\tsecret name\t田中\t\xff\n".encode("latin-1", "ignore")))
    with pytest.raises(WarehouseError) as refused:
        copy(ports, "stage/x/")
    assert "secret" not in str(refused.value)


def test_bytes_that_are_no_utf8(ports: Ports) -> None:
    ports.store.write("stage/x/p.gz", gzip.compress(b"1\t1\ta\t\xff\xfe\n"))
    with pytest.raises(WarehouseError, match=r"line 1 column 4 \(b\): expected UTF-8, found other bytes"):
        copy(ports, "stage/x/")


@pytest.mark.parametrize("damage", ["cut", "checksum", "not gzip", "empty object"])
def test_a_damaged_part_is_refused(ports: Ports, damage: str) -> None:
    whole = bytearray(part([["1", str(n), f"value {n}", ""] for n in range(2000)]))
    if damage == "cut":
        whole = whole[: len(whole) // 2]
    elif damage == "checksum":
        whole[-8] ^= 0xFF
    elif damage == "not gzip":
        whole = bytearray(b"1\t1\ta\tb\n")
    else:
        whole = bytearray()
    ports.store.write("stage/x/p.gz", bytes(whole))
    if damage == "empty object":
        assert copy(ports, "stage/x/") == (0,)
        return
    with pytest.raises(WarehouseError, match=r"COPY FROM stage/x/p\.gz: the object is not whole gzip data"):
        copy(ports, "stage/x/")
    assert rows(ports) == []


def test_an_absent_prefix_is_an_error(ports: Ports) -> None:
    with pytest.raises(WarehouseError, match=r"the prefix s3://local-lake/stage/none/ holds no object"):
        copy(ports, "stage/none/")


@pytest.mark.parametrize(
    ("statement", "told"),
    [
        ("COPY s.t FROM 's3://elsewhere/x/' " + COPY_OPTIONS, "expected an address in the lake s3://local-lake/"),
        ("COPY s.t FROM 's3://local-lake/x/' IAM_ROLE default GZIP DELIMITER '\\t'", "missing NULL AS"),
        ("COPY s.t FROM 's3://local-lake/x/' " + COPY_OPTIONS + " ESCAPE", "found also ESCAPE"),
        ("COPY s.none FROM 's3://local-lake/x/' " + COPY_OPTIONS, "there is no such table"),
        ("COPY s.t (c) FROM 's3://local-lake/x/' " + COPY_OPTIONS, "there is no column c"),
        ("COPY t", "expected COPY schema.table"),
    ],
)
def test_other_forms_are_refused(ports: Ports, statement: str, told: str) -> None:
    ports.store.write("x/p.gz", part([["1", "1", "a", "b"]]))
    with pytest.raises(WarehouseError) as refused:
        ports.warehouse.execute([statement], name="copy")
    assert told in str(refused.value)


def test_no_extension_is_loaded_or_fetched(ports: Ports, place: Place) -> None:
    ports.store.write("stage/x/p.gz", part([["1", "1", "a", "b"]]))
    copy(ports, "stage/x/")
    with duckdb.connect(str(place.database), read_only=True) as connection:
        loaded = connection.execute("SELECT extension_name FROM duckdb_extensions() WHERE loaded").fetchall()
    assert "encodings" not in {name for (name,) in loaded}
