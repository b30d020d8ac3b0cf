"""Sessions: how one is opened, used again, and what happens when it is gone."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from dbt.adapters.redshift_data.handle import Handle
from dbt.adapters.redshift_data.sessions import Sessions
from redshift_connector import OperationalError, ProgrammingError
from scripted_data_api import DataApi, ran, refused, session, state

GONE = ("Session is not available.", "Session is expired.", f"Session with Id: {session(1)} is invalid.")


def gone(text: str = GONE[0]):
    return refused("ValidationException", text)


def new(sql: str) -> tuple[str, dict]:
    """The call that opens a session."""
    where = {"Database": "dpc", "WorkgroupName": "dpc-learning-dev", "SessionKeepAliveSeconds": 120}
    return "ExecuteStatement", {"Sql": sql, "WaitTimeSeconds": 2, **where}


def same(sql: str, number: int = 1) -> tuple[str, dict]:
    """The call that uses one."""
    return "ExecuteStatement", {"Sql": sql, "WaitTimeSeconds": 2, "SessionId": session(number)}


def test_the_first_statement_opens_a_session_and_the_others_use_it(api: DataApi, handle: Handle) -> None:
    api.execute(ran(1), ran(2))
    handle.execute("create table a (n int)")
    handle.execute("create table b (n int)")
    assert api.calls == [new("create table a (n int)"), same("create table b (n int)")]
    assert len(set(api.tokens)) == 2


def test_the_next_node_gets_the_session_of_the_last(api: DataApi, connect: Callable[..., Handle]) -> None:
    api.execute(ran(1), ran(2))
    first = connect()
    first.execute("analyze a")
    first.close()
    connect().execute("analyze b")
    assert api.calls == [new("analyze a"), same("analyze b")]


def test_two_nodes_at_once_have_a_session_each(api: DataApi, connect: Callable[..., Handle]) -> None:
    api.execute(ran(1), ran(2, session_number=2))
    connect().execute("analyze a")
    connect().execute("analyze b")
    assert api.calls == [new("analyze a"), new("analyze b")]


def test_a_session_near_its_end_is_not_used_again() -> None:
    now = 0.0
    sessions = Sessions(120, clock=lambda: now)
    sessions.give("old")
    now = 60.0
    sessions.give("new")
    assert (sessions.take(), sessions.take(), sessions.take()) == ("new", "old", "")
    sessions.give("old")
    now = 171.0
    assert sessions.take() == ""


@pytest.mark.parametrize("text", GONE)
def test_outside_a_transaction_a_session_that_is_gone_is_opened_anew(api: DataApi, handle: Handle, text: str) -> None:
    api.execute(ran(1), gone(text), ran(2, session_number=2), ran(3, session_number=2))
    for sql in ("analyze a", "analyze b", "analyze c"):
        handle.execute(sql)
    assert api.calls == [new("analyze a"), same("analyze b"), new("analyze b"), same("analyze c", 2)]


@pytest.mark.parametrize("text", GONE)
def test_inside_a_transaction_nothing_of_it_is_run_again(api: DataApi, handle: Handle, text: str) -> None:
    """In a new session the insert would commit by itself, beside rows that were never deleted."""
    api.execute(ran(1), ran(2), gone(text), ran(4, session_number=2))
    api.describe(state(2, ResultRows=6))
    handle.execute("BEGIN")
    handle.execute("delete from t")
    with pytest.raises(OperationalError, match="the session ended, and its transaction with it: Validation"):
        handle.execute("insert into t select 1")
    handle.rollback()
    handle.execute("analyze t")
    assert api.statements() == ["BEGIN", "delete from t", "insert into t select 1", "analyze t"]
    assert api.calls[-2:] == [same("insert into t select 1"), new("analyze t")]


def test_a_transaction_that_ended_with_its_session_is_rolled_back_already(api: DataApi, handle: Handle) -> None:
    api.execute(ran(1), ran(2, status="FAILED"), gone())
    api.describe(state(2, "FAILED", Error="ERROR: relation is not there"))
    handle.execute("BEGIN")
    with pytest.raises(ProgrammingError):
        handle.execute("drop table t")
    handle.rollback()
    assert api.statements() == ["BEGIN", "drop table t", "ROLLBACK"]


def test_a_commit_in_a_session_that_is_gone_fails(api: DataApi, handle: Handle) -> None:
    api.execute(ran(1), gone())
    handle.execute("BEGIN")
    with pytest.raises(OperationalError, match="its transaction with it"):
        handle.execute("COMMIT")


def test_temporary_tables_are_lost_with_their_session(api: DataApi, handle: Handle) -> None:
    api.execute(ran(1), gone())
    handle.execute("/* node */ create temporary table t__dbt_tmp as (select 1)")
    with pytest.raises(OperationalError, match="its temporary tables with it"):
        handle.execute("BEGIN")
    assert api.statements()[1:] == ["BEGIN"]


@pytest.mark.parametrize("sql", ["create temp table t (n int)", "BEGIN"])
def test_a_session_that_holds_something_is_left_to_its_end(
    api: DataApi, connect: Callable[..., Handle], sql: str
) -> None:
    api.execute(ran(1), ran(2, session_number=2))
    first = connect()
    first.execute(sql)
    first.close()
    connect().execute("analyze b")
    assert api.calls == [new(sql), new("analyze b")]


def test_a_session_whose_statement_may_still_run_is_left(api: DataApi, connect: Callable[..., Handle]) -> None:
    api.execute(ran(1, status="STARTED"), ran(2, session_number=2))
    api.describe(refused("AccessDeniedException", "not authorized"))
    first = connect()
    with pytest.raises(OperationalError, match="AccessDeniedException: not authorized"):
        first.execute("analyze a")
    first.close()
    connect().execute("analyze b")
    assert [each for each in api.calls if each[0] == "ExecuteStatement"] == [new("analyze a"), new("analyze b")]
