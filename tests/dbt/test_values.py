"""Delivered text to values: nothing is dropped, what cannot be read is NULL, on what DuckDB runs of both targets."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from decimal import Decimal

import pytest
from as_redshift import duckdb_sql
from raw_warehouse import Lake, act, warehouse

from dpc_assets.local.compiled import build_with, compiled

DAY = datetime.date

DATES = {
    "20250401": DAY(2025, 4, 1),
    "20240229": DAY(2024, 2, 29),
    "20000229": DAY(2000, 2, 29),
    "20251231": DAY(2025, 12, 31),
    "20230229": None,
    "21000229": None,
    "20250431": None,
    "20251301": None,
    "20250400": None,
    "20250001": None,
    "00000000": None,
    "99999999": None,
    "19710000": None,
    "2025041": None,
    "202504011": None,
    "2025-401": None,
    "２０２５０４": None,
    " 20250401": None,
    "": None,
    "Null": None,
    "NULL": None,
    "null": None,
    "abcdefgh": None,
}

INTEGERS = {
    "00000100": 100,
    "-0000100": -100,
    "0000-100": -100,
    "00000000": 0,
    "-0000000": 0,
    "0": 0,
    "7": 7,
    "000000000000123456789": 123456789,
    "  42": 42,
    "1234567890": None,
    "999999999999999999999": None,
    "1.5": None,
    "1,000": None,
    "--5": None,
    "5-": None,
    "-": None,
    "１００": None,
    "": None,
    "NULL": None,
    "x": None,
}

DECIMALS = {
    "0000000.002": Decimal("0.002"),
    "0000012.500": Decimal("12.5"),
    "-0000001.500": Decimal("-1.5"),
    "0000-12.345": Decimal("-12.345"),
    "12": Decimal("12"),
    "12.": Decimal("12"),
    "999999999.999999": Decimal("999999999.999999"),
    "0.1234567": None,
    "1234567890.1": None,
    ".5.": None,
    "1e5": None,
    "": None,
    "null": None,
}

COEFFICIENTS = {
    "1.1234": Decimal("1.1234"),
    "01.100": Decimal("1.1"),
    "999.999999": Decimal("999.999999"),
    "1000.0": None,
    "": None,
}


@pytest.fixture(params=["duckdb", "redshift"])
def build(request: pytest.FixtureRequest) -> Callable[..., None]:
    translate = duckdb_sql if request.param == "redshift" else str
    return lambda connection, months=None: build_with(connection, compiled(request.param), months, translate)


@pytest.mark.parametrize(
    ("column", "cases"),
    [
        ("service_date", DATES),
        ("fee_for_service_points", INTEGERS),
        ("quantity", DECIMALS),
    ],
)
def test_every_line_has_one_row_and_unreadable_values_are_null(column, cases, build) -> None:
    connection = warehouse()
    Lake(connection).add("EFn", "202504", [act("0000000001", "20250401", "20250401", **{column: v}) for v in cases])
    build(connection)
    found = connection.execute(
        f"select raw.{column}, stage.{column} from raw.efn as raw join stage.stg_efn as stage using (line_no)"
    ).fetchall()
    assert dict(found) == cases
    assert len(found) == len(cases)


def test_coefficient(build) -> None:
    connection = warehouse()
    lines = [{"hospital_coefficient": value, "patient_data_id": "1"} for value in COEFFICIENTS]
    Lake(connection).add("Dn", "202504", lines)
    build(connection)
    sql = (
        "select r.hospital_coefficient, s.hospital_coefficient from raw.dn as r join stage.stg_dn as s using (line_no)"
    )
    assert dict(connection.execute(sql).fetchall()) == COEFFICIENTS


def test_text_is_kept_as_delivered_but_printed_nulls_mean_no_value(build) -> None:
    values = {"  123456": "  123456", "0123": "0123", " ": " ", "": None, "Null": None, "NULL": None, "null": None}
    connection = warehouse()
    lines = [act("0000000001", "20250401", "20250401", insurer_number=value) for value in values]
    Lake(connection).add("EFn", "202504", lines)
    build(connection)
    sql = "select r.insurer_number, s.insurer_number from raw.efn as r join stage.stg_efn as s using (line_no)"
    assert dict(connection.execute(sql).fetchall()) == values


def test_a_partly_known_birth_date_keeps_its_text_and_year(build) -> None:
    cases = {
        "19500402": (DAY(1950, 4, 2), "19500402", 1950),
        "19710000": (None, "19710000", 1971),
        "19980500": (None, "19980500", 1998),
        "00000000": (None, "00000000", None),
        "": (None, None, None),
    }
    connection = warehouse()
    lines = [{"patient_data_id": "1", "payload_code": "A000010", "payload_1": value} for value in cases]
    Lake(connection).add("FF1", "202504", lines)
    build(connection)
    found = connection.execute(
        "select raw.payload_1, birth_date, birth_date_text, birth_year "
        "from raw.ff1 as raw join stage.stg_ff1_patient using (line_no)"
    ).fetchall()
    assert {row[0]: row[1:] for row in found} == cases
