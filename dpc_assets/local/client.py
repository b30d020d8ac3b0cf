"""The Redshift Data API on a DuckDB file: boto3's `redshift-data` methods and answers, in this process.

A batch is one transaction, as in docs.aws.amazon.com/redshift-data/latest/APIReference/API_BatchExecuteStatement.html.
The file is open only while a batch runs, so that dbt or another process may have it in between.
"""

from __future__ import annotations

import tempfile
import uuid
from collections.abc import Sequence
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb

from dpc_assets.local import transfer
from dpc_assets.local.translate import CannotTranslate, translate
from dpc_assets.steps.errors import RetryLater
from dpc_assets.steps.ports import ObjectStore

PAGE = 1000
"""Rows of one page of GetStatementResult."""

SETTINGS = {
    "memory_limit": "1GB",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "preserve_insertion_order": "false",
}


class DuckDBDataApi:
    """The client. `path`: the warehouse file, made where it is absent. `store`: the lake of COPY and UNLOAD."""

    def __init__(self, path: Path | str, store: ObjectStore) -> None:
        self._path = Path(path)
        self._store = store
        self._done: dict[str, dict[str, Any]] = {}
        self._rows: dict[str, tuple[list[Any], list[tuple[Any, ...]]]] = {}
        self._tokens: dict[str, str] = {}

    def batch_execute_statement(self, *, Sqls: Sequence[str], **request: Any) -> dict[str, Any]:
        return self._run(list(Sqls), request, batch=True)

    def execute_statement(self, *, Sql: str, **request: Any) -> dict[str, Any]:
        return self._run([Sql], request, batch=False)

    def describe_statement(self, *, Id: str) -> dict[str, Any]:
        return self._done[Id]

    def cancel_statement(self, *, Id: str) -> dict[str, Any]:
        return {"Status": False}  # what was started has ended

    def get_statement_result(self, *, Id: str, NextToken: str = "0") -> dict[str, Any]:
        description, rows = self._rows[Id]
        start = int(NextToken)
        page = rows[start : start + PAGE]
        answer: dict[str, Any] = {
            "Records": [[_field(value) for value in row] for row in page],
            "ColumnMetadata": [
                {"name": column[0], "label": column[0], "typeName": str(column[1]).lower()} for column in description
            ],
            "TotalNumRows": len(rows),
        }
        if start + PAGE < len(rows):
            answer["NextToken"] = str(start + PAGE)
        return answer

    def _run(self, statements: list[str], request: dict[str, Any], *, batch: bool) -> dict[str, Any]:
        token = request.get("ClientToken") or uuid.uuid4().hex
        statement_id = self._tokens.setdefault(token, str(uuid.uuid4()))
        if statement_id not in self._done:
            self._done[statement_id] = self._executed(statement_id, statements, batch=batch)
        return {
            "Id": statement_id,
            "CreatedAt": datetime.now(UTC),
            "Database": request.get("Database", "dpc"),
            "WorkgroupName": request.get("WorkgroupName", ""),
        }

    def _executed(self, statement_id: str, statements: list[str], *, batch: bool) -> dict[str, Any]:
        subs: list[dict[str, Any]] = []
        description: list[Any] = []
        rows: list[tuple[Any, ...]] = []
        error = ""
        with _opened(self._path) as connection:
            connection.execute("BEGIN TRANSACTION")
            for number, statement in enumerate(statements, start=1):
                try:
                    affected, description, rows = self._statement(connection, statement)
                except (duckdb.Error, CannotTranslate, transfer.TransferFailed) as refused:
                    error = f"statement {number} of {len(statements)}: {str(refused).strip()}"
                    break
                has_rows = bool(description)
                subs.append(
                    {
                        "Id": f"{statement_id}:{number}",
                        "Status": "FINISHED",
                        "ResultRows": affected,
                        "HasResultSet": has_rows,
                    }
                )
            connection.execute("ROLLBACK" if error else "COMMIT")
        if error:
            return {"Id": statement_id, "Status": "FAILED", "Error": error}
        self._rows[statement_id] = (description, rows)
        done: dict[str, Any] = {
            "Id": statement_id,
            "Status": "FINISHED",
            "HasResultSet": bool(description),
            "ResultRows": len(rows),
        }
        return done | {"SubStatements": subs} if batch else done

    def _statement(
        self, connection: duckdb.DuckDBPyConnection, statement: str
    ) -> tuple[int, list[Any], list[tuple[Any, ...]]]:
        asked = transfer.parse(statement)
        if isinstance(asked, transfer.Copy):
            return transfer.copy(connection, asked, self._store), [], []
        if isinstance(asked, transfer.Unload):
            return transfer.unload(connection, asked, self._store), [], []
        connection.execute(translate(statement))
        description = list(connection.description or [])
        rows = connection.fetchall() if description else []
        if [column[0] for column in description] == ["Count"] and _changes(statement):
            return int(rows[0][0]) if rows else 0, [], []
        if _changes(statement):
            return -1, [], []
        return len(rows), description, rows


def _changes(statement: str) -> bool:
    return statement.lstrip().split(None, 1)[0].upper() not in ("SELECT", "WITH", "SHOW", "EXPLAIN", "VALUES", "(")


def _opened(path: Path) -> duckdb.DuckDBPyConnection:
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        connection = duckdb.connect(str(path), config=SETTINGS | {"temp_directory": tempfile.gettempdir()})
    except duckdb.IOException as error:
        raise RetryLater(
            f"{path.name}: another process has the warehouse open: {' '.join(str(error).split())}"
        ) from error
    connection.execute("SET integer_division = true")  # 7/2 is 3 in Redshift
    return connection


def _field(value: Any) -> dict[str, Any]:
    if value is None:
        return {"isNull": True}
    if isinstance(value, bool):
        return {"booleanValue": value}
    if isinstance(value, int):
        return {"longValue": value}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, Decimal):
        return {"stringValue": format(value, "f")}
    return {"stringValue": str(value)}
