"""Transactions: BEGIN, the statements and COMMIT go into one session; what fails is rolled back."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from dbt.adapters.redshift_data.handle import Handle
from dbt.adapters.redshift_data.words import Kind, kind
from redshift_connector import OperationalError, ProgrammingError
from scripted_data_api import DataApi, ran, state


@pytest.fixture
def lazy(connect: Callable[..., Handle]) -> Handle:
    return connect(lazy_begin=True)


def test_a_statement_that_fails_is_rolled_back(api: DataApi, handle: Handle) -> None:
    api.execute(ran(1), ran(2), ran(3, status="FAILED"), ran(4), ran(5))
    api.describe(
        state(2, ResultRows=6), state(3, "FAILED", Error="ERROR: value too long for type character varying(3)")
    )
    handle.execute("BEGIN")
    assert handle.execute("delete from t").rows == 6
    with pytest.raises(ProgrammingError, match=r"^ERROR: value too long for type character varying\(3\)$"):
        handle.execute("insert into t select 'four'")
    handle.rollback()
    handle.execute("analyze t")
    assert api.statements() == ["BEGIN", "delete from t", "insert into t select 'four'", "ROLLBACK", "analyze t"]


def test_without_a_transaction_nothing_is_rolled_back(api: DataApi, handle: Handle) -> None:
    api.execute(ran(1))
    handle.execute("analyze t")
    handle.rollback()
    assert api.statements() == ["analyze t"]


def test_a_commit_that_fails_is_rolled_back(api: DataApi, handle: Handle) -> None:
    """Serializable isolation: Redshift refuses the commit."""
    told = "ERROR: 1023 DETAIL: Serializable isolation violation on table in Redshift"
    api.execute(ran(1), ran(2, status="FAILED"), ran(3))
    api.describe(state(2, "FAILED", Error=told))
    handle.execute("BEGIN")
    with pytest.raises(ProgrammingError, match="Serializable isolation violation"):
        handle.execute("COMMIT")
    handle.rollback()
    assert api.statements() == ["BEGIN", "COMMIT", "ROLLBACK"]


def test_what_the_warehouse_aborts_may_be_tried_again(api: DataApi, handle: Handle) -> None:
    api.execute(ran(1, status="PICKED"))
    api.describe(state(1, "STARTED"), state(1, "ABORTED"))
    with pytest.raises(OperationalError, match=r"^statement 00000001-\S+ was aborted$"):
        handle.execute("analyze t")


def test_begin_goes_out_with_the_first_statement_that_is_no_query(api: DataApi, lazy: Handle) -> None:
    api.execute(*(ran(number) for number in range(1, 6)))
    for sql in ("BEGIN", "select 1", "create table t (n int)", "select 2", "COMMIT"):
        lazy.execute(sql)
    assert api.statements() == ["select 1", "BEGIN", "create table t (n int)", "select 2", "COMMIT"]


@pytest.mark.parametrize("end", ["COMMIT", "ROLLBACK"])
def test_a_transaction_of_queries_alone_costs_no_call(api: DataApi, lazy: Handle, end: str) -> None:
    api.execute(ran(1), ran(2))
    for sql in ("BEGIN", "select 1", end, "analyze t"):
        lazy.execute(sql)
    lazy.rollback()
    assert api.statements() == ["select 1", "analyze t"]


@pytest.mark.parametrize(
    ("sql", "expected"),
    [
        ("BEGIN", Kind.BEGIN),
        ("begin transaction;", Kind.BEGIN),
        ("start transaction", Kind.BEGIN),
        ("COMMIT", Kind.COMMIT),
        ("end", Kind.COMMIT),
        ("ROLLBACK;", Kind.ROLLBACK),
        ('/* {"app": "dbt"} */\n\n  -- why\n select 1', Kind.QUERY),
        ("with a as (select 1) select * from a", Kind.QUERY),
        ("show tables from schema dpc.mart", Kind.QUERY),
        ("select 1 as n into t", Kind.OTHER),
        ("insert into t values (1)", Kind.ROWS),
        ("update t set n = 1", Kind.ROWS),
        ("delete from t", Kind.ROWS),
        ("merge into t using s on t.n = s.n when matched then delete", Kind.ROWS),
        ('create temporary table "t__dbt_tmp" as (select 1)', Kind.TEMPORARY),
        ("create local temp table t (n int)", Kind.TEMPORARY),
        ("create table temp (n int)", Kind.OTHER),
        ("truncate t", Kind.OTHER),
        ("", Kind.OTHER),
    ],
)
def test_kinds_of_statements(sql: str, expected: Kind) -> None:
    assert kind(sql) is expected
