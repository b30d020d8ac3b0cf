"""The calls of the Data API, answered: what docs.aws.amazon.com/redshift-data/latest/APIReference says of each."""

from __future__ import annotations

import itertools
import threading
import time
from collections.abc import Callable, Mapping
from typing import Any

from aws_local.data_api.link import REFUSALS
from aws_local.data_api.refused import Refused
from aws_local.data_api.requests import check
from aws_local.data_api.rights import ADMINISTRATOR
from aws_local.data_api.sessions import Session, Sessions
from aws_local.data_api.statements import Statement
from aws_local.data_api.warehouse import Warehouse
from aws_local.errors import AwsError
from dpc_assets.local.execute import REFUSALS as OF_THE_ENGINE
from dpc_assets.local.execute import Answer, refusal
from dpc_assets.steps.errors import StepError

KEPT = 86_400.0
"""Seconds that an ended statement can be asked about."""

MOST = 500
"""Statements of one workgroup that run at once, as the service's guide has it (not confirmed on an account)."""

_SWEEP_SECONDS = 1.0


class DataApi:
    """`handle` answers one call. Statements run in threads of their own.

    caller: who sends the call that is being answered. user_of: the database user of a caller; a secret stands for the
    administrator. now: seconds since the epoch. `close` ends everything; without it an open session keeps the file.
    """

    def __init__(
        self,
        warehouse: Warehouse,
        *,
        caller: Callable[[], str],
        user_of: Callable[[str], str],
        now: Callable[[], float] = time.time,
    ) -> None:
        self._warehouse = warehouse
        self._caller = caller
        self._user_of = user_of
        self._now = now
        self._sessions = Sessions(now)
        self._statements: dict[str, Statement] = {}
        self._tokens: dict[tuple[str, str], tuple[Statement, dict[str, Any]]] = {}
        self._numbers = itertools.count(1)
        self._guard = threading.Lock()
        self._closed = threading.Event()

    def handle(self, operation: str, request: Mapping[str, Any]) -> dict[str, Any]:
        """Raises AwsError for a call or a member that is refused or not served."""
        check(operation, request)
        self._sessions.sweep()
        if operation in ("ExecuteStatement", "BatchExecuteStatement"):
            return self._execute(request)
        part_id = str(request["Id"])
        statement = self._statements.get(part_id.partition(":")[0])
        if statement is None:
            raise AwsError("ResourceNotFoundException", "Query does not exist.")
        statement.wait(request.get("WaitTimeSeconds", 0))
        if operation == "DescribeStatement":
            return statement.described(part_id)
        if operation == "GetStatementResult":
            return dict(statement.result(part_id, str(request.get("NextToken", ""))))
        if not statement.running:
            told = f"Could not cancel a query that is already in {statement.status} state."
            raise AwsError("ValidationException", told)
        return {"Status": statement.stop()}

    def start_sweeping(self) -> None:
        """Sweeps every second until `close`."""

        def sweeping() -> None:
            while not self._closed.wait(_SWEEP_SECONDS):
                self.sweep()

        threading.Thread(target=sweeping, daemon=True, name="data-api-sweep").start()

    def sweep(self) -> None:
        """Ends idle sessions and forgets old statements; to be called now and then."""
        self._sessions.sweep()
        old = self._now() - KEPT
        with self._guard:
            self._statements = {key: each for key, each in self._statements.items() if each.running or each.made > old}
            self._tokens = {key: each for key, each in self._tokens.items() if each[0].id in self._statements}

    def close(self) -> None:
        """Stops what runs and closes the file."""
        self._closed.set()
        for statement in [each for each in self._statements.values() if each.running]:
            statement.stop()
        for session in self._sessions.open():
            session.link.close()
        self._warehouse.close()

    def _execute(self, request: Mapping[str, Any]) -> dict[str, Any]:
        token = (self._caller(), str(request.get("ClientToken", "")))
        with self._guard:
            known = self._tokens.get(token) if token[1] else None
            if known is None:
                statement = self._submitted(request)
                answer = self._answer(statement, request)
                self._tokens[(token[0], token[1] or statement.id)] = known = (statement, answer)
                threading.Thread(target=self._run, args=(statement,), daemon=True, name=statement.id).start()
        statement, answer = known
        if "WaitTimeSeconds" not in request:
            return answer
        statement.wait(request["WaitTimeSeconds"])
        told = statement.described(statement.id)
        return answer | {key: told[key] for key in ("Status", "RedshiftPid", "HasResultSet")}

    def _submitted(self, request: Mapping[str, Any]) -> Statement:
        sqls = list(request["Sqls"]) if "Sqls" in request else [request["Sql"]]
        if sum(each.running for each in self._statements.values()) >= MOST:
            raise AwsError("ActiveStatementsExceededException", f"Exceeded the maximum of {MOST} active statements.")
        statement = Statement(
            sqls,
            batch="Sqls" in request,
            made=self._now(),
            name=str(request.get("StatementName", "")),
            numbers=[next(self._numbers) for _ in sqls],
        )
        keep_alive = request.get("SessionKeepAliveSeconds")
        if "SessionId" in request:
            statement.session = self._sessions.take(request["SessionId"], statement.id, keep_alive)
        else:
            statement.session = self._connected(request, keep_alive or 0)
            try:
                self._sessions.start(statement.session, statement.id)
            except AwsError:
                statement.session.link.close()
                raise
        statement.shown_session = "SessionId" in request or bool(keep_alive)
        self._statements[statement.id] = statement
        return statement

    def _connected(self, request: Mapping[str, Any], keep_alive: int) -> Session:
        secret = str(request.get("SecretArn", ""))
        user = ADMINISTRATOR if secret else self._user_of(self._caller())
        return Session(
            self._warehouse.connect(user),
            self._now(),
            keep_alive,
            request["Database"],
            request["WorkgroupName"],
            secret,
        )

    def _answer(self, statement: Statement, request: Mapping[str, Any]) -> dict[str, Any]:
        given = {key: request[key] for key in ("Database", "WorkgroupName", "SecretArn") if key in request}
        session = {"SessionId": statement.session.id} if statement.session and statement.shown_session else {}
        return {"Id": statement.id, "CreatedAt": round(statement.made, 3), **given, **session}

    def _run(self, statement: Statement) -> None:
        session = statement.session
        assert session is not None
        status, error = "FINISHED", ""
        statement.begin(self._now())
        try:
            if session.database != self._warehouse.database:
                raise Refused(f'database "{session.database}" does not exist')
            self._run_parts(statement, session)
        except (*OF_THE_ENGINE, *REFUSALS, StepError, _Stopped) as refused:
            status, error = ("ABORTED", "") if statement.stopped.is_set() else ("FAILED", _told(refused))
        except Exception as failed:  # a fault of ours must still end the statement, and name itself
            status, error = "FAILED", f"ERROR: internal error of the stand-in: {type(failed).__name__}: {failed}"
        statement.leave()
        self._sessions.free(session)
        statement.end(status, error, self._now())

    def _run_parts(self, statement: Statement, session: Session) -> None:
        waiting = iter(statement.parts)
        part = next(waiting)

        def ended(answer: Answer) -> None:
            nonlocal part
            if statement.stopped.is_set():
                raise _Stopped
            part.status, part.answer, part.ended = "FINISHED", answer, self._now()
            part = next(waiting, part)
            if part.status == "SUBMITTED":
                part.status, part.started = "STARTED", self._now()

        if statement.batch:
            session.link.execute_all([each.sql for each in statement.parts], ended)
        else:
            ended(session.link.execute(part.sql))


class _Stopped(Exception):
    """CancelStatement came between two statements of a batch."""


def _told(refused: Exception) -> str:
    return f"ERROR: {refused}" if isinstance(refused, Refused | StepError) else refusal(refused)
