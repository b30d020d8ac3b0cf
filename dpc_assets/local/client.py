"""The Redshift Data API on a DuckDB file: boto3's `redshift-data` methods and answers, in this process.

A batch is one transaction, as in docs.aws.amazon.com/redshift-data/latest/APIReference/API_BatchExecuteStatement.html.
The file is open only while a batch runs, so that dbt or another process may have it in between. Requests are checked
against botocore's own description of the service, so what is refused there is refused here.
"""

from __future__ import annotations

import re
import tempfile
import threading
import uuid
from collections import OrderedDict
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any

import botocore.session
import duckdb
from botocore.exceptions import ClientError, ParamValidationError
from botocore.model import ServiceModel
from botocore.validate import ParamValidator

from dpc_assets.local import lock, transfer
from dpc_assets.local.copy import copy
from dpc_assets.local.fields import column_metadata, record
from dpc_assets.local.translate import CannotTranslate, translate
from dpc_assets.local.unload import unload
from dpc_assets.steps.errors import InputError, RetryLater
from dpc_assets.steps.ports import ObjectStore

PAGE = 1000
"""Rows of one page of GetStatementResult."""

KEPT = 64
"""Ended statements that can be asked about; the service keeps them for 24 hours."""

STATEMENT_BYTES = 100_000

SETTINGS = {
    "memory_limit": "1GB",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "preserve_insertion_order": "false",
}


@dataclass(frozen=True)
class _Ended:
    """A statement or batch that ended: its state as DescribeStatement tells it, and the rows of each of its parts."""

    state: dict[str, Any]
    results: dict[str, tuple[list[tuple[str, str]], list[tuple[Any, ...]]]]


@cache
def service() -> ServiceModel:
    """botocore's description of the service."""
    return botocore.session.get_session().get_service_model("redshift-data")


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
        columns, rows = result
        start = int(request.get("NextToken", "0"))
        answer: dict[str, Any] = {
            "Records": [record(row, columns) for row in rows[start : start + PAGE]],
            "ColumnMetadata": [column_metadata(name, kind) for name, kind in columns],
            "TotalNumRows": len(rows),
        }
        if start + PAGE < len(rows):
            answer["NextToken"] = str(start + PAGE)
        return answer

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
        results: dict[str, tuple[list[tuple[str, str]], list[tuple[Any, ...]]]] = {}
        error = ""
        with _opened(self._path) as connection:
            connection.execute("BEGIN TRANSACTION")
            try:
                for number, statement in enumerate(statements, start=1):
                    part = {"Id": f"{statement_id}:{number}", "QueryString": statement, "HasResultSet": False}
                    parts.append(part)
                    part["ResultRows"], columns, rows = self._statement(connection, statement)
                    part["Status"] = "FINISHED"
                    if columns:
                        part["HasResultSet"] = True
                        results[part["Id"]] = results[statement_id] = (columns, rows)
                connection.execute("COMMIT")
            except (duckdb.Error, CannotTranslate, transfer.TransferFailed, InputError) as refused:
                error = _told(refused)
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

    def _statement(
        self, connection: duckdb.DuckDBPyConnection, statement: str
    ) -> tuple[int, list[tuple[str, str]], list[tuple[Any, ...]]]:
        """(affected or answered rows, columns as (name, DuckDB type), rows); no columns where nothing is answered."""
        asked = transfer.parse(statement)
        if isinstance(asked, transfer.Copy):
            return copy(connection, asked, self._store), [], []
        if isinstance(asked, transfer.Unload):
            return unload(connection, asked, self._store), [], []
        translated = translate(statement)
        if not translated:
            return -1, [], []
        connection.execute(translated)
        columns = [(str(column[0]), str(column[1])) for column in connection.description or []]
        rows = connection.fetchall() if columns else []
        if _answers(translated):
            return len(rows), columns, rows
        counted = bool(rows) and [name for name, _ in columns] == ["Count"]
        return int(rows[0][0]) if counted else -1, [], []


def _answers(translated: str) -> bool:
    return translated.lstrip(" (\n\t").split(None, 1)[0].upper() in ("SELECT", "WITH", "VALUES", "FROM")


def _checked(operation: str, request: dict[str, Any]) -> None:
    """Raises what boto3 raises for a request that breaks the service's shapes or limits."""
    shape = service().operation_model(operation).input_shape
    report = ParamValidator().validate(request, shape)
    if report.has_errors():
        raise ParamValidationError(report=report.generate_report())
    statements = [*request.get("Sqls", ()), *([request["Sql"]] if "Sql" in request else ())]
    if len(request.get("Sqls", ())) > 40 or len(request.get("ClientToken", "")) > 64:
        raise _client_error(
            operation, "ValidationException", "expected at most 40 statements and a token of 64 characters"
        )
    if any(len(statement.encode()) > STATEMENT_BYTES for statement in statements):
        raise _client_error(operation, "ValidationException", f"a statement has at most {STATEMENT_BYTES} bytes")
    if request.get("Parameters") or request.get("SessionId"):
        raise _client_error(operation, "ValidationException", "Parameters and SessionId are not served here")


def _client_error(operation: str, code: str, message: str) -> ClientError:
    return ClientError({"Error": {"Code": code, "Message": message}}, operation)


_TOO_LONG = re.compile(r"CHECK\(\(strlen\(\"?(\w+)\"?\) <= ([0-9]+)\)\)")


def _told(refused: Exception) -> str:
    """The engine's text as Redshift would put it; a value that could not be converted is left out."""
    text = " ".join(str(refused).split("\n\nLINE")[0].split())
    if found := _TOO_LONG.search(text):
        return f"ERROR: value too long for type character varying({found[2]}): column {found[1]}"
    if isinstance(refused, duckdb.TransactionException):
        return f"ERROR: 1023 serializable isolation violation: {text}"
    if isinstance(refused, duckdb.OutOfMemoryException):
        return f"ERROR: disk full or memory limit reached: {text}"
    return f"ERROR: {text}"


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
    connection.execute("SET integer_division = true")  # 7/2 is 3 in Redshift
    return connection
