"""Waiting for a statement, asking again, cancelling, and what the service refuses."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Callable
from pathlib import Path

import boto3
import botocore.session
import pytest
from dbt.adapters.redshift_data.errors import Cancelled
from dbt.adapters.redshift_data.handle import Handle
from dbt.adapters.redshift_data.sessions import Sessions
from dbt.adapters.redshift_data.statements import Statements
from redshift_connector import OperationalError, ProgrammingError
from scripted_data_api import PLACE, Answer, DataApi, ran, refused, state, statement

DESCRIBED = ("DescribeStatement", {"Id": statement(1), "WaitTimeSeconds": 20})
CANCELLED = ("CancelStatement", {"Id": statement(1)})
TOO_MANY = refused("ActiveWaitingRequestsExceededException", "too many requests wait for this statement")


def test_a_statement_that_ends_at_once_costs_one_call(api: DataApi, handle: Handle) -> None:
    api.execute(ran(1))
    handle.execute("analyze t")
    assert [operation for operation, _ in api.calls] == ["ExecuteStatement"]


def test_a_long_one_is_waited_for(api: DataApi, handle: Handle) -> None:
    api.execute(ran(1, status="STARTED"))
    api.describe(state(1, "STARTED"), state(1))
    handle.execute("analyze t")
    assert api.calls[1:] == [DESCRIBED, DESCRIBED]


def test_where_too_many_wait_it_is_asked_plainly(api: DataApi, handle: Handle) -> None:
    api.execute(ran(1, status="SUBMITTED"))
    api.describe(TOO_MANY, state(1, "STARTED"), state(1))
    handle.execute("analyze t")
    plainly = ("DescribeStatement", {"Id": statement(1)})
    assert api.calls[1:] == [DESCRIBED, plainly, plainly]


def test_a_botocore_that_knows_no_waiting_asks_plainly(
    api: DataApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One of before 1.43: its own description of the service, without the member."""
    model = botocore.session.get_session().get_component("data_loader").load_service_model("redshift-data", "service-2")
    for shape in model["shapes"].values():
        shape.get("members", {}).pop("WaitTimeSeconds", None)
    folder = tmp_path / "redshift-data" / "2019-12-20"
    folder.mkdir(parents=True)
    (folder / "service-2.json").write_text(json.dumps(model))
    rules = Path(botocore.session.__file__).parent / "data" / "redshift-data" / "2019-12-20"
    for each in rules.glob("endpoint-rule-set*"):
        shutil.copy(each, folder)
    monkeypatch.setenv("AWS_DATA_PATH", str(tmp_path))
    old = Statements(boto3.session.Session(region_name="ap-northeast-1").client("redshift-data"), PLACE)
    told = ran(1)
    api.execute(Answer({key: told.content[key] for key in ("Id", "SessionId", "CreatedAt")}))
    api.describe(state(1, "STARTED"), state(1))
    Handle(old, Sessions(120), lazy_begin=False).execute("analyze t")
    assert ["WaitTimeSeconds" in request for _, request in api.calls] == [False, False, False]


def test_a_failure_is_told_with_the_warehouses_words(api: DataApi, handle: Handle) -> None:
    """ExecuteStatement's answer has no place for them."""
    api.execute(ran(1, status="FAILED"))
    api.describe(state(1, "FAILED", Error='ERROR: relation "t" does not exist'))
    with pytest.raises(ProgrammingError, match=r'^ERROR: relation "t" does not exist$'):
        handle.execute("analyze t")


@pytest.mark.parametrize("words", ["update t set n = 1", "/* c */ merge into t using s on 1 = 1 remove duplicates"])
def test_rows_that_were_changed_are_asked_for(api: DataApi, handle: Handle, words: str) -> None:
    api.execute(ran(1))
    api.describe(state(1, ResultRows=7))
    assert handle.execute(words).rows == 7
    assert api.calls[1:] == [("DescribeStatement", {"Id": statement(1)})]


def in_thread(work: Callable[[], object]) -> tuple[threading.Thread, list[BaseException]]:
    found: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            found.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    return thread, found


def test_what_runs_is_cancelled_from_another_thread(api: DataApi, handle: Handle) -> None:
    waits, stopped = threading.Event(), threading.Event()
    api.execute(ran(1, status="STARTED"))
    api.describe(Answer(state(1, "ABORTED").content, after=stopped, arrived=waits))
    api.cancel(Answer({"Status": True}, arrived=stopped))
    thread, found = in_thread(lambda: handle.execute("analyze t"))
    assert waits.wait(10)
    handle.cancel()
    thread.join(10)
    assert api.calls[1:] == [DESCRIBED, CANCELLED]
    assert [type(each) for each in found] == [Cancelled]


def test_what_has_no_id_yet_is_cancelled_as_soon_as_it_has(api: DataApi, handle: Handle) -> None:
    submitted, told = threading.Event(), threading.Event()
    api.execute(Answer(ran(1, status="STARTED").content, after=told, arrived=submitted))
    api.cancel(Answer({"Status": True}))
    api.describe(state(1, "ABORTED"))
    thread, found = in_thread(lambda: handle.execute("analyze t"))
    assert submitted.wait(10)
    handle.cancel()
    told.set()
    thread.join(10)
    assert api.calls[1:] == [CANCELLED, DESCRIBED]
    assert [type(each) for each in found] == [Cancelled]


def test_what_cannot_be_cancelled_yet_is_cancelled_again(api: DataApi, handle: Handle) -> None:
    """ "To be canceled, a query must be running" (API_CancelStatement.html)."""
    submitted, told = threading.Event(), threading.Event()
    api.execute(Answer(ran(1, status="SUBMITTED").content, after=told, arrived=submitted))
    api.cancel(refused("ValidationException", "the query is not running"), Answer({"Status": True}))
    api.describe(state(1, "STARTED"), state(1, "ABORTED"))
    thread, found = in_thread(lambda: handle.execute("analyze t"))
    assert submitted.wait(10)
    handle.cancel()
    told.set()
    thread.join(10)
    assert api.calls[1:] == [CANCELLED, DESCRIBED, CANCELLED, DESCRIBED]
    assert [type(each) for each in found] == [Cancelled]


def test_after_it_was_cancelled_only_the_rollback_is_sent(api: DataApi, handle: Handle) -> None:
    api.execute(ran(1), ran(2))
    handle.execute("BEGIN")
    handle.cancel()
    with pytest.raises(Cancelled, match="nothing more is sent"):
        handle.execute("create table t (n int)")
    handle.rollback()
    assert api.statements() == ["BEGIN", "ROLLBACK"]


def test_throttling_and_the_services_own_errors_are_tried_again_with_one_token(api: DataApi, handle: Handle) -> None:
    api.execute(refused("ThrottlingException", "Rate exceeded"), refused("InternalServerException", "", 500), ran(1))
    handle.execute("analyze t")
    assert api.statements() == ["analyze t"] * 3
    assert len(api.tokens) == 3
    assert len(set(api.tokens)) == 1


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("ActiveSessionsExceededException", OperationalError),
        ("ActiveStatementsExceededException", OperationalError),
        ("ExecuteStatementException", OperationalError),
        ("ResourceNotFoundException", OperationalError),
        ("ExpiredTokenException", OperationalError),
        ("ValidationException", ProgrammingError),
    ],
)
def test_other_refusals_are_told_with_their_code(api: DataApi, handle: Handle, code: str, kind: type) -> None:
    api.execute(refused(code, "why"))
    with pytest.raises(kind, match=f"^{code}: why$"):
        handle.execute("analyze t")


def test_a_service_that_cannot_be_reached(api: DataApi, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_MAX_ATTEMPTS", "1")
    nowhere = boto3.session.Session(region_name="ap-northeast-1").client(
        "redshift-data", endpoint_url="http://127.0.0.1:9"
    )
    with pytest.raises(OperationalError, match=r"^the Redshift Data API was not reached: Could not connect"):
        Handle(Statements(nowhere, PLACE), Sessions(120), lazy_begin=False).execute("analyze t")
