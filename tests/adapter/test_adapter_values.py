"""Results to Python, bindings to SQL, and the limit of a statement's size."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from dbt.adapters.redshift_data.handle import Handle
from dbt.adapters.redshift_data.literals import batches, bound, literal
from dbt.adapters.redshift_data.values import value
from redshift_connector import ProgrammingError
from scripted_data_api import DataApi, ran, rows, statement

ONE = {"n": "int4"}


def result(number: int, token: str = "") -> tuple[str, dict]:
    return "GetStatementResult", {"Id": statement(number), **({"NextToken": token} if token else {})}


def test_rows_come_page_by_page(api: DataApi, handle: Handle) -> None:
    api.execute(ran(1, HasResultSet=True))
    api.result(rows(ONE, [{"longValue": 1}], [{"longValue": 2}], following="2"), rows(ONE, [{"longValue": 3}]))
    cursor = handle.cursor().execute("select n from t")
    assert len(api.calls) == 1
    assert cursor.description == [("n", "int4", None, None, None, None, None)]
    assert cursor.fetchmany(2) == [(1,), (2,)]
    assert api.calls[1:] == [result(1)]
    assert (cursor.fetchone(), cursor.fetchone()) == ((3,), None)
    assert api.calls[1:] == [result(1), result(1, "2")]


def test_rows_that_nobody_fetches_are_not_asked_for(api: DataApi, handle: Handle) -> None:
    api.execute(ran(1, HasResultSet=True), ran(2))
    cursor = handle.cursor()
    cursor.execute("select n from t")
    cursor.execute("analyze t")
    assert (cursor.description, cursor.fetchall(), cursor.rowcount, cursor.query_id) == (None, [], -1, statement(2))
    assert [operation for operation, _ in api.calls] == ["ExecuteStatement", "ExecuteStatement"]


@pytest.mark.parametrize(
    ("field", "type_name", "expected"),
    [
        ({"isNull": True}, "int4", None),
        ({"longValue": 3}, "int8", 3),
        ({"doubleValue": 0.5}, "float8", 0.5),
        ({"booleanValue": False}, "bool", False),
        ({"stringValue": "1234567890123456789.123456"}, "numeric", Decimal("1234567890123456789.123456")),
        ({"stringValue": "2025-04-01"}, "date", date(2025, 4, 1)),
        ({"stringValue": "2025-04-01 10:00:00.5"}, "timestamp", datetime(2025, 4, 1, 10, 0, 0, 500000)),
        ({"stringValue": "2025-04-01 10:00:00+00"}, "timestamptz", datetime(2025, 4, 1, 10, tzinfo=UTC)),
        ({"stringValue": "0044-03-15 BC"}, "date", "0044-03-15 BC"),
        ({"stringValue": "肺炎 "}, "bpchar", "肺炎 "),
        ({"stringValue": ""}, "varchar", ""),
        ({"stringValue": "1"}, "varchar", "1"),
    ],
)
def test_a_field_is_what_its_type_says(field: dict, type_name: str, expected: object) -> None:
    found = value(field, type_name)
    assert (found, type(found)) == (expected, type(expected))


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (None, "NULL"),
        ("", "''"),
        ("it's", "'it''s'"),
        ("a\\", "'a\\\\'"),
        ("\\'; drop table t; --", "'\\\\''; drop table t; --'"),
        ("100%s ${x} :name", "'100%s ${x} :name'"),
        (True, "TRUE"),
        (7, "7"),
        (Decimal("-0.10"), "-0.10"),
        (date(2025, 4, 1), "'2025-04-01'"),
        (datetime(2025, 4, 1, 10), "'2025-04-01 10:00:00'"),
    ],
)
def test_a_binding_is_a_literal(given: object, expected: str) -> None:
    assert literal(given) == expected


def test_bindings_are_in_the_sql_and_never_parameters(api: DataApi, handle: Handle) -> None:
    api.execute(ran(1), ran(2))
    handle.cursor().execute("select %s, %s, %s", [None, "100%s", ""])
    handle.cursor().execute("select '${x}', ':name', '100%s'")
    assert api.statements() == ["select NULL, '100%s', ''", "select '${x}', ':name', '100%s'"]
    assert all("Parameters" not in request for _, request in api.calls)


@pytest.mark.parametrize("bindings", [[1], [1, 2, 3]])
def test_bindings_that_do_not_fit_are_refused(bindings: list[int]) -> None:
    with pytest.raises(ProgrammingError, match=f"^{len(bindings)} bindings were expected to fill 2 places"):
        bound("select %s, %s", bindings)


@pytest.mark.parametrize("given", [float("nan"), float("inf"), Decimal("NaN")])
def test_a_number_that_is_none_is_refused(given: object) -> None:
    with pytest.raises(ProgrammingError, match="a number that Redshift can hold was expected"):
        literal(given)


def test_100_000_bytes_are_sent_and_one_more_is_refused(api: DataApi, handle: Handle) -> None:
    """Bytes, not characters: a kanji is three."""
    api.execute(ran(1))
    most = "select '" + "肺" * 33_330 + "1'"
    assert len(most.encode()) == 100_000
    handle.execute(most)
    with pytest.raises(ProgrammingError, match=r"^a statement of 100001 bytes: the Redshift Data API takes 100000\."):
        handle.execute(most + " ")
    assert len(api.calls) == 1


def test_rows_of_a_seed_are_cut_by_bytes() -> None:
    head = "insert into t (a, b) values "
    given = [(number, "肺炎'\\" * 50) for number in range(2000)]
    found = batches(head, given)
    assert [row for batch in found for row in batch] == given
    places = [",".join(["(%s,%s)"] * len(batch)) for batch in found]
    sizes = [
        len(bound(head + place, [value for row in batch for value in row]).encode())
        for batch, place in zip(found, places, strict=True)
    ]
    assert max(sizes) <= 100_000
    assert min(sizes[:-1]) > 99_000
    assert len(found) == 11


def test_a_row_that_is_too_long_stands_alone() -> None:
    assert batches("insert ", [("a",), ("b" * 200,), ("c",)], 100) == [[("a",)], [("b" * 200,)], [("c",)]]
    assert batches("insert ", []) == []
