"""CancelStatement: the engine stops, the transaction is gone, and what has ended cannot be cancelled."""

import gzip
import threading
import time

import pytest
from local_data_api_place import NEW, Api

ENDLESS = "SELECT COUNT(*) FROM generate_series(1, 1000000) a(x), generate_series(1, 1000000) b(y) WHERE x * y = 7"


def cancelled(api: Api, statement_id: str) -> dict[str, object]:
    before = time.monotonic()
    assert api.call("CancelStatement", Id=statement_id) == {"Status": True}
    assert time.monotonic() - before < 5
    return api.call("DescribeStatement", Id=statement_id)


@pytest.mark.parametrize("wait", [0.0, 0.3])
def test_a_running_statement_stops(api: Api, wait: float) -> None:
    started = api.call("ExecuteStatement", Sql=ENDLESS, **NEW)
    time.sleep(wait)
    state = cancelled(api, started["Id"])
    assert (state["Status"], "Error" in state, state["HasResultSet"]) == ("ABORTED", False, False)


def test_a_batch_that_is_cancelled_leaves_nothing(api: Api) -> None:
    api.do("CREATE TABLE t (n INTEGER)")
    started = api.call("BatchExecuteStatement", Sqls=["INSERT INTO t VALUES (1)", ENDLESS, "SELECT 1"], **NEW)
    while api.call("DescribeStatement", Id=f"{started['Id']}:1")["Status"] != "FINISHED":
        time.sleep(0.01)
    state = cancelled(api, started["Id"])
    assert [sub["Status"] for sub in state["SubStatements"]] == ["FINISHED", "ABORTED", "ABORTED"]
    assert api.rows("SELECT COUNT(*) FROM t") == [(0,)]


def test_in_a_transaction_the_session_waits_for_its_end(api: Api) -> None:
    api.do("CREATE TABLE t (n INTEGER)")
    session = api.session()
    api.do("BEGIN", "INSERT INTO t VALUES (1)", session=session)
    started = api.call("ExecuteStatement", Sql=ENDLESS, SessionId=session)
    assert cancelled(api, started["Id"])["Status"] == "ABORTED"
    assert "current transaction is aborted" in api.error("SELECT 1", session)
    api.do("ROLLBACK", session=session)
    assert api.rows("SELECT COUNT(*) FROM t", session) == [(0,)]


def test_a_copy_stops_between_its_parts(api: Api) -> None:
    api.do("CREATE SCHEMA raw", "CREATE TABLE raw.t (a VARCHAR(9))")
    for part in range(300):
        api.store.write(f"stage/{part:03d}.gz", gzip.compress(b"x\n" * 100))
    sql = "COPY raw.t FROM 's3://local-lake/stage/' IAM_ROLE default GZIP DELIMITER '\\t' NULL AS '\\000' ENCODING UTF8"
    started = api.call("ExecuteStatement", Sql=sql, **NEW)
    time.sleep(0.2)
    assert cancelled(api, started["Id"])["Status"] == "ABORTED"
    assert api.rows("SELECT COUNT(*) FROM raw.t") == [(0,)]


def test_what_waits_for_it_hears_of_it(api: Api) -> None:
    started = api.call("ExecuteStatement", Sql=ENDLESS, **NEW)
    heard: list[str] = []
    waiting = threading.Thread(
        target=lambda: heard.append(api.call("DescribeStatement", Id=started["Id"], WaitTimeSeconds=30)["Status"])
    )
    waiting.start()
    cancelled(api, started["Id"])
    waiting.join(5)
    assert heard == ["ABORTED"]


def test_what_has_ended_cannot_be_cancelled(api: Api) -> None:
    ended = api.execute("SELECT 1")
    told = ("ValidationException", "Could not cancel a query that is already in FINISHED state.")
    assert api.refused("CancelStatement", Id=ended["Id"]) == told
