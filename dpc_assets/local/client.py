"""The Redshift Data API on a DuckDB file: boto3's `redshift-data` methods and answers, in this process.

A batch is one transaction, as in docs.aws.amazon.com/redshift-data/latest/APIReference/API_BatchExecuteStatement.html.
The file is open only while a batch runs, so that dbt or another process may have it in between. Requests are checked
against botocore's own description of the service, so what is refused there is refused here.
"""

from __future__ import annotations

import tempfile
import threading
import uuid
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
from botocore.exceptions import ClientError, ParamValidationError

from dpc_assets.local import lock
from dpc_assets.local.execute import INTEGER_DIVISION, REFUSALS, SETTINGS, Answer, execute, refusal
from dpc_assets.local.fields import page
from dpc_assets.local.requests import beyond_limits, misshapen
from dpc_assets.steps.errors import RetryLater
from dpc_assets.steps.ports import ObjectStore

KEPT = 64
"""Ended statements that can be asked about; the service keeps them for 24 hours."""


@dataclass(frozen=True)
class _Ended:
    """A statement or batch that ended: its state as DescribeStatement tells it, and the result sets of its parts."""

    state: dict[str, Any]
    results: dict[str, Answer]


class DuckDBDataApi:
    """The client. `path`: the warehouse file, made where it is absent. `store`: the lake of COPY and UNLOAD.

    Statements have ended when a call returns. A batch that fails leaves nothing behind. Raises botocore's ClientError
    and ParamValidationError as boto3 does, and RetryLater where another process has the file open.
    """

    def __init__(self, path: Path | str, store: ObjectStore) -> None:
        self._path = Path(path)
        self._store = store
        self._ended: OrderedDict[str, _Ended] = OrderedDict()
        self._tokens: OrderedDict[str, str] = OrderedDict()
        self._guard = threading.Lock()

    def batch_execute_statement(self, **request: Any) -> dict[str, Any]:
        _checked("BatchExecuteStatement", request)
        return self._run("BatchExecuteStatement", list(request["Sqls"]), request)

    def execute_statement(self, **request: Any) -> dict[str, Any]:
        _checked("ExecuteStatement", request)
        return self._run("ExecuteStatement", [request["Sql"]], request)

    def describe_statement(self, **request: Any) -> dict[str, Any]:
        _checked("DescribeStatement", request)
        return self._known("DescribeStatement", request["Id"]).state

    def cancel_statement(self, **request: Any) -> dict[str, Any]:
        _checked("CancelStatement", request)
        state = self._known("CancelStatement", request["Id"]).state
        raise _client_error(
            "CancelStatement", "ValidationException", f"Could not cancel a query that is already {state['Status']}"
        )

    def get_statement_result(self, **request: Any) -> dict[str, Any]:
        _checked("GetStatementResult", request)
        ended = self._known("GetStatementResult", request["Id"])
        result = ended.results.get(request["Id"])
        if result is None:
            raise _client_error("GetStatementResult", "ResourceNotFoundException", "Query does not have result.")
        return page(result.columns, result.rows, int(request.get("NextToken", "0")))

    def _known(self, operation: str, statement_id: str) -> _Ended:
        with self._guard:
            ended = self._ended.get(statement_id.partition(":")[0])
        if ended is None:
            raise _client_error(operation, "ResourceNotFoundException", "Query does not exist.")
        return ended

    def _run(self, operation: str, statements: list[str], request: dict[str, Any]) -> dict[str, Any]:
        token = request.get("ClientToken") or uuid.uuid4().hex
        with self._guard:
            statement_id = self._tokens.get(token)
        if statement_id is None:
            statement_id = str(uuid.uuid4())
            ended = self._executed(statement_id, statements, batch=operation == "BatchExecuteStatement")
            with self._guard:
                self._tokens[token] = statement_id
                self._ended[statement_id] = ended
                while len(self._ended) > KEPT:
                    self._ended.popitem(last=False)
                    self._tokens.popitem(last=False)
        given = {key: request[key] for key in ("Database", "WorkgroupName") if key in request}
        return {"Id": statement_id, "CreatedAt": datetime.now(UTC), **given}

    def _executed(self, statement_id: str, statements: list[str], *, batch: bool) -> _Ended:
        started = datetime.now(UTC)
        parts: list[dict[str, Any]] = []
        results: dict[str, Answer] = {}
        error = ""
        with _opened(self._path) as connection:
            connection.execute("BEGIN TRANSACTION")
            try:
                for number, statement in enumerate(statements, start=1):
                    part = {"Id": f"{statement_id}:{number}", "QueryString": statement, "HasResultSet": False}
                    parts.append(part)
                    answer = execute(connection, statement, self._store)
                    part |= {"Status": "FINISHED", "ResultRows": answer.affected}
                    if answer.columns:
                        part["HasResultSet"] = True
                        results[part["Id"]] = results[statement_id] = answer
                connection.execute("COMMIT")
            except REFUSALS as refused:
                error = refusal(refused)
                parts[-1] |= {"Status": "FAILED", "Error": error}
                results = {}
        ended = datetime.now(UTC)
        for number, statement in enumerate(statements[len(parts) :], start=len(parts) + 1):
            parts.append({"Id": f"{statement_id}:{number}", "QueryString": statement, "Status": "ABORTED"})
        state: dict[str, Any] = {
            "Id": statement_id,
            "Status": "FAILED" if error else "FINISHED",
            "CreatedAt": started,
            "UpdatedAt": ended,
            "Duration": int((ended - started).total_seconds() * 1e9),
            "HasResultSet": statement_id in results,
            "ResultRows": -1 if error else parts[-1]["ResultRows"],
            "RedshiftPid": 0,
        }
        state |= {"Error": error} if error else {}
        state |= {"SubStatements": parts} if batch else {"QueryString": statements[0]}
        return _Ended(state, results)


def _checked(operation: str, request: dict[str, Any]) -> None:
    """Raises what boto3 raises for a request that breaks the service's shapes or limits."""
    if report := misshapen(operation, request):
        raise ParamValidationError(report=report)
    if problem := beyond_limits(operation, request):
        raise _client_error(operation, "ValidationException", problem)
    if request.get("Parameters") or request.get("SessionId"):
        raise _client_error(operation, "ValidationException", "Parameters and SessionId are not served here")


def _client_error(operation: str, code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


def _opened(path: Path) -> duckdb.DuckDBPyConnection:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        connection = duckdb.connect(str(path), config=SETTINGS | {"temp_directory": tempfile.gettempdir()})
    except duckdb.IOException as error:
        who = lock.holder(path) or "another program"
        raise RetryLater(
            f"{path.name} is in use by {who}: close it, or wait, and run again / "
            "使用中です。閉じるか待って再実行してください"
        ) from error
    connection.execute(INTEGER_DIVISION)
    return connection
