"""Calls of the Redshift Data API: submit one statement, wait for its end, cancel it, page through its rows.

Shapes and limits: docs.aws.amazon.com/redshift-data/latest/APIReference (ExecuteStatement, DescribeStatement,
CancelStatement, GetStatementResult). The SDK gives every ExecuteStatement a ClientToken, so that an HTTP retry of one
call does not run its statement twice.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from dbt.adapters.redshift_data.errors import Cancelled, OperationalError, PollPlainly, ProgrammingError, refusal

FIRST_WAIT_S = 2
"""Of ExecuteStatement. Short: the statement cannot be cancelled before its Id is known."""

WAIT_S = 20
"""Of DescribeStatement."""

_PAUSE_S, _LONGER, _LONGEST_PAUSE_S = 0.05, 1.5, 5.0

Answer = Mapping[str, Any]


def client(region: str) -> Any:
    """One for all threads: it is slow to make. Throttling and errors of the service are retried with backoff."""
    patience = Config(
        retries={"mode": "adaptive", "max_attempts": 10},
        connect_timeout=10,
        read_timeout=65,
        max_pool_connections=50,
    )
    return boto3.session.Session(region_name=region or None).client("redshift-data", config=patience)


@dataclass(frozen=True)
class Place:
    """Where sessions are opened, and for how many seconds they outlive their last statement."""

    workgroup: str
    database: str
    keep_alive: int


class Statements:
    """At one place, by a client of `redshift-data`. Safe for threads."""

    def __init__(self, client: Any, place: Place) -> None:
        self._client = client
        self._place = place
        members = client.meta.service_model.operation_model("ExecuteStatement").input_shape.members
        self._waits = "WaitTimeSeconds" in members  # botocore has it since 1.43

    def submit(self, sql: str, session: str) -> Answer:
        """Its Id and its session (a new one for ""); Status where it ended at once. Raises SessionGone."""
        where: dict[str, Any] = {"SessionId": session}
        if not session:
            where = {
                "Database": self._place.database,
                "WorkgroupName": self._place.workgroup,
                "SessionKeepAliveSeconds": self._place.keep_alive,
            }
        return self._call("execute_statement", Sql=sql, **where, **self._wait(FIRST_WAIT_S))

    def ended(self, started: Answer, cancelled: threading.Event) -> Answer:
        """The statement's last state: FINISHED, FAILED or ABORTED. It is cancelled once that is asked for."""
        if started.get("Status") == "FINISHED":
            return started
        pause, waits = _PAUSE_S, self._waits
        while True:
            if cancelled.is_set():
                self.cancel(started["Id"])
            if not waits:
                time.sleep(pause)
                pause = min(pause * _LONGER, _LONGEST_PAUSE_S)
            try:
                state = self._call("describe_statement", Id=started["Id"], **(self._wait(WAIT_S) if waits else {}))
            except PollPlainly:
                waits = False
                continue
            if state["Status"] in ("FINISHED", "FAILED", "ABORTED"):
                return state

    def rows_changed(self, state: Answer) -> int:
        """-1 where the service does not say. ExecuteStatement's answer never does."""
        if "ResultRows" not in state:
            state = self._call("describe_statement", Id=state["Id"])
        return int(state.get("ResultRows", -1))

    def cancel(self, statement: str) -> None:
        """One that has ended, or cannot be cancelled yet, is left: who waits for it sees the end, or cancels again."""
        try:
            self._call("cancel_statement", Id=statement)
        except (OperationalError, ProgrammingError):
            return

    def pages(self, statement: str) -> Iterator[Answer]:
        """Of its rows, each fetched when it is asked for."""
        following: dict[str, str] = {}
        while True:
            page = self._call("get_statement_result", Id=statement, **following)
            yield page
            if not page.get("NextToken"):
                return
            following = {"NextToken": page["NextToken"]}

    def _wait(self, seconds: int) -> dict[str, int]:
        return {"WaitTimeSeconds": seconds} if self._waits else {}

    def _call(self, operation: str, **arguments: Any) -> Answer:
        try:
            answer: Answer = getattr(self._client, operation)(**arguments)
            return answer
        except ClientError as error:
            raise refusal(error, bool(arguments.get("SessionId"))) from error
        except BotoCoreError as error:
            raise OperationalError(f"the Redshift Data API was not reached: {error}") from error


def failure(state: Answer, cancelled: bool) -> OperationalError | ProgrammingError:
    """Of a statement that ended FAILED or ABORTED."""
    told = str(state.get("Error") or "")
    if cancelled:
        return Cancelled(f"statement {state['Id']} was cancelled {told}".strip())
    if state["Status"] == "ABORTED":
        return OperationalError(f"statement {state['Id']} was aborted {told}".strip())
    return ProgrammingError(told or f"statement {state['Id']} failed, and the service does not say why")
