"""Sessions and transactions: the guide of the Data API, and r_BEGIN, r_COMMIT, r_ROLLBACK, r_TRUNCATE of the SQL."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from local_data_api_place import NEW, Api

UNKNOWN = "00000000-0000-0000-0000-000000000000"
ENDLESS = "SELECT COUNT(*) FROM generate_series(1, 1000000) a(x), generate_series(1, 1000000) b(y) WHERE x * y = 7"
ABORTED = "ERROR: current transaction is aborted, commands ignored until end of transaction block"


def take(api: Api, session: str) -> tuple[str, str]:
    return api.refused("ExecuteStatement", Sql="SELECT 1", SessionId=session)


def test_a_session_keeps_its_process_and_its_temporary_tables(api: Api) -> None:
    one, two = api.session(), api.session()
    api.do("CREATE TEMP TABLE seen (n INTEGER)", "INSERT INTO seen VALUES (7)", session=one)
    assert api.rows("SELECT n FROM seen", one) == [(7,)]
    assert "seen" in api.error("SELECT n FROM seen", two)
    pids = {api.rows("SELECT pg_backend_pid()", session)[0][0] for session in (one, one, two)}
    assert len(pids) == 2
    assert api.execute("SELECT 1", one)["RedshiftPid"] in pids


def test_a_statement_without_keep_alive_tells_no_session(api: Api) -> None:
    assert "SessionId" not in api.execute("SELECT 1")
    assert "SessionId" not in api.execute("SELECT 1", SessionKeepAliveSeconds=0)


def test_a_transaction_spans_calls(api: Api) -> None:
    api.do("CREATE TABLE t (n INTEGER)")
    session = api.session()
    api.do("BEGIN", "INSERT INTO t VALUES (1)", session=session)
    assert api.rows("SELECT COUNT(*) FROM t", session) == [(1,)]
    assert api.rows("SELECT COUNT(*) FROM t") == [(0,)]
    api.do("COMMIT", session=session)
    assert api.rows("SELECT COUNT(*) FROM t") == [(1,)]
    api.do("start transaction", "DELETE FROM t", "ROLLBACK;", session=session)
    assert api.rows("SELECT COUNT(*) FROM t") == [(1,)]


@pytest.mark.parametrize("end", ["ROLLBACK", "COMMIT", "END", "ABORT"])
def test_after_an_error_nothing_but_the_end_is_taken(api: Api, end: str) -> None:
    api.do("CREATE TABLE t (n INTEGER)")
    session = api.session()
    api.do("BEGIN", "INSERT INTO t VALUES (1)", session=session)
    assert "no_such_table" in api.error("SELECT * FROM no_such_table", session)
    assert api.error("SELECT 1", session) == ABORTED
    assert api.error("BEGIN", session) == ABORTED
    api.do(end, session=session)
    assert api.rows("SELECT COUNT(*) FROM t", session) == [(0,)]


def test_a_stray_end_and_a_second_begin_are_warnings(api: Api) -> None:
    session = api.session()
    api.do("COMMIT", "ROLLBACK", "BEGIN", "BEGIN", "CREATE TABLE t (n INTEGER)", "COMMIT", session=session)
    assert api.rows("SELECT COUNT(*) FROM t") == [(0,)]


def test_an_error_outside_of_a_transaction_leaves_the_session_usable(api: Api) -> None:
    session = api.session()
    api.error("SELECT * FROM no_such_table", session)
    assert api.rows("SELECT 1", session) == [(1,)]


def test_truncate_commits(api: Api) -> None:
    api.do("CREATE TABLE t (n INTEGER)", "CREATE TABLE u (n INTEGER)", "INSERT INTO t VALUES (1)")
    session = api.session()
    api.do("BEGIN", "INSERT INTO u VALUES (1)", "TRUNCATE TABLE t", "ROLLBACK", session=session)
    assert api.rows("SELECT (SELECT COUNT(*) FROM t), (SELECT COUNT(*) FROM u)") == [(0, 1)]


def test_a_batch_in_a_session(api: Api) -> None:
    session = api.session()
    state = api.batch("CREATE TEMP TABLE seen (n INTEGER)", "INSERT INTO seen VALUES (7)", SessionId=session)
    assert (state["Status"], state["SessionId"]) == ("FINISHED", session)
    assert api.rows("SELECT n FROM seen", session) == [(7,)]


def test_two_writers_of_one_row(api: Api) -> None:
    api.do("CREATE TABLE t (n INTEGER)", "INSERT INTO t VALUES (1)")
    one, two = api.session(), api.session()
    api.do("BEGIN", "UPDATE t SET n = 2", session=one)
    told = api.error("UPDATE t SET n = 3", two)
    assert told.startswith("ERROR: 1023 serializable isolation violation: ")
    api.do("COMMIT", session=one)
    assert api.rows("SELECT n FROM t") == [(2,)]


def test_an_unknown_session(api: Api) -> None:
    assert take(api, UNKNOWN) == ("ValidationException", f"Session with Id: {UNKNOWN} is invalid.")


def test_one_statement_at_a_time(api: Api) -> None:
    session = api.session()
    running = api.call("ExecuteStatement", Sql=ENDLESS, SessionId=session)
    assert take(api, session) == ("ValidationException", f"Session is busy: it is running {running['Id']}.")
    api.call("CancelStatement", Id=running["Id"])
    assert api.rows("SELECT 1", session) == [(1,)]


def test_idle_seconds_count_from_the_end_of_a_statement(api: Api) -> None:
    session = api.session(keep_alive=120)
    for _ in range(3):
        api.clock.now += 119
        assert api.rows("SELECT 1", session) == [(1,)]
    api.clock.now += 120
    assert take(api, session) == ("ValidationException", "Session is not available.")


def test_a_session_that_ends_loses_its_transaction(api: Api) -> None:
    api.do("CREATE TABLE t (n INTEGER)", "INSERT INTO t VALUES (1)")
    session = api.session(keep_alive=120)
    api.do("BEGIN", "DELETE FROM t", session=session)
    api.clock.now += 120
    api.api.sweep()
    assert take(api, session) == ("ValidationException", "Session is not available.")
    api.do("UPDATE t SET n = 2")  # its locks are gone too
    assert api.rows("SELECT n FROM t") == [(2,)]


def test_keep_alive_can_be_set_anew(api: Api) -> None:
    session = api.session(keep_alive=10)
    api.execute("SELECT 1", session, SessionKeepAliveSeconds=1000)
    api.clock.now += 999
    assert api.rows("SELECT 1", session) == [(1,)]
    api.execute("SELECT 1", session, SessionKeepAliveSeconds=0)
    assert take(api, session) == ("ValidationException", "Session is not available.")


def test_a_session_is_closed_by_force_after_a_day(api: Api) -> None:
    session = api.session(keep_alive=86_400)
    running = api.call("ExecuteStatement", Sql=ENDLESS, SessionId=session)
    api.call("DescribeStatement", Id=running["Id"], WaitTimeSeconds=1)
    api.clock.now += 86_400
    api.api.sweep()
    state = api.call("DescribeStatement", Id=running["Id"], WaitTimeSeconds=30)
    assert state["Status"] == "FAILED"
    assert take(api, session) == ("ValidationException", "Session is not available.")


def test_a_workgroup_has_a_limit_of_sessions(api: Api, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("aws_local.data_api.sessions.MOST", 2)
    api.session(), api.session()
    told = api.refused("ExecuteStatement", Sql="SELECT 1", SessionKeepAliveSeconds=5, **NEW)
    assert told == ("ActiveSessionsExceededException", "Exceeded the maximum of 2 active sessions.")
    api.clock.now += 300
    assert api.rows("SELECT 1") == [(1,)]


def test_sessions_that_write_other_tables_do_not_meet(api: Api) -> None:
    api.do("CREATE SCHEMA mart", "CREATE TABLE mart.source AS SELECT 1 AS a")

    def replace(name: str) -> list[str]:
        session, told = api.session(), []
        for _ in range(5):
            for sql in (
                "BEGIN",
                f"CREATE TABLE mart.{name}__tmp DISTSTYLE ALL AS (SELECT a FROM mart.source)",
                f"CREATE TABLE IF NOT EXISTS mart.{name} AS (SELECT a FROM mart.source)",
                f"ALTER TABLE mart.{name} RENAME TO {name}__old",
                f"ALTER TABLE mart.{name}__tmp RENAME TO {name}",
                f"COMMENT ON TABLE mart.{name} IS 'made again'",
                f"CREATE VIEW mart.{name}_view AS (SELECT a FROM mart.{name})",
                "COMMIT",
                f"DROP TABLE IF EXISTS mart.{name}__old CASCADE",
                f"DROP VIEW IF EXISTS mart.{name}_view",
                f"INSERT INTO mart.{name} SELECT a FROM mart.source",
            ):
                state = api.execute(sql, session)
                told += [f"{sql}: {state['Error']}"] if state["Status"] != "FINISHED" else []
        return told

    with ThreadPoolExecutor(6) as pool:
        assert list(pool.map(replace, "abcdef")) == [[]] * 6
    assert api.rows("SELECT COUNT(*) FROM mart.f") == [(2,)]
