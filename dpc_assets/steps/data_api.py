"""The warehouse over the Redshift Data API: boto3's `redshift-data` client in AWS, the DuckDB stand-in on a laptop.

Shapes and limits: docs.aws.amazon.com/redshift-data/latest/APIReference (BatchExecuteStatement, DescribeStatement,
GetStatementResult). Both clients answer alike, so the polling and paging below run on a laptop too.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from dpc_assets.steps.errors import InputError, RetryLater, WarehouseError
from dpc_assets.steps.ports import Row, Value

BATCH_LIMIT = 40
"""Statements of one batch, which is one transaction."""

STATEMENT_BYTES = 100_000
"""Bytes of one statement that are sure to pass."""

_RETRYABLE = frozenset(
    {
        "ThrottlingException",
        "InternalServerException",
        "ActiveStatementsExceededException",
        "ActiveSessionsExceededException",
        "DatabaseConnectionException",
        "AccessDeniedException",
        "RequestTimeout",
        "ServiceUnavailable",
    }
)


def sql_text(value: str | None) -> str:
    """A string literal in Redshift SQL (NULL for None): quotes and backslashes doubled."""
    if value is None:
        return "NULL"
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


@dataclass(frozen=True)
class DataApiWarehouse:
    """`ports.Warehouse` over `client`. `bound_seconds`: how long a batch may run before RetryLater.

    `token` answers the ClientToken of a call (at most 64 characters): equal tokens are one execution, so a retry of
    the same call must not repeat an old failed one.
    """

    client: Any
    database: str = "dpc"
    workgroup: str = "dpc-learning"
    bound_seconds: float = 3600.0
    sleep: Callable[[float], None] = time.sleep
    token: Callable[[], str] = lambda: uuid.uuid4().hex

    def execute(self, statements: Sequence[str], *, name: str) -> tuple[int, ...]:
        if not 1 <= len(statements) <= BATCH_LIMIT:
            raise InputError(
                f"{name}: expected 1 to {BATCH_LIMIT} statements in one transaction, found {len(statements)}"
            )
        started = self._call("batch_execute_statement", Sqls=list(statements), **self._target(name))
        done = self._finished(started["Id"], name)
        subs = done.get("SubStatements") or [done]
        return tuple(int(sub.get("ResultRows", -1)) for sub in subs)

    def fetch(self, statement: str, *, name: str) -> list[Row]:
        started = self._call("execute_statement", Sql=statement, **self._target(name))
        done = self._finished(started["Id"], name)
        if not done.get("HasResultSet"):
            return []
        rows: list[Row] = []
        following: dict[str, str] = {}
        while True:
            page = self._call("get_statement_result", Id=started["Id"], **following)
            rows.extend(tuple(_value(field) for field in record) for record in page["Records"])
            if not page.get("NextToken"):
                return rows
            following = {"NextToken": page["NextToken"]}

    def _target(self, name: str) -> dict[str, str]:
        return {
            "Database": self.database,
            "WorkgroupName": self.workgroup,
            "StatementName": name[:500],
            "ClientToken": self.token(),
        }

    def _finished(self, statement_id: str, name: str) -> dict[str, Any]:
        waited, pause = 0.0, 0.05
        while True:
            state: dict[str, Any] = self._call("describe_statement", Id=statement_id)
            if state["Status"] == "FINISHED":
                return state
            if state["Status"] in ("FAILED", "ABORTED"):
                raise WarehouseError(f"{name}: {state.get('Error') or state['Status'].lower()}")
            if waited >= self.bound_seconds:
                self._call("cancel_statement", Id=statement_id)
                raise RetryLater(f"{name}: still running after {waited:.0f} s; it was cancelled")
            self.sleep(pause)
            waited, pause = waited + pause, min(pause * 1.5, 5.0)

    def _call(self, operation: str, **arguments: Any) -> dict[str, Any]:
        try:
            answer: dict[str, Any] = getattr(self.client, operation)(**arguments)
            return answer
        except Exception as error:
            code = getattr(error, "response", {}).get("Error", {}).get("Code")  # botocore's ClientError
            if code is None:
                raise
            kind = RetryLater if code in _RETRYABLE else WarehouseError
            raise kind(f"Redshift Data API, {operation}: {error}") from error


def _value(field: dict[str, Any]) -> Value:
    if field.get("isNull"):
        return None
    for key in ("stringValue", "longValue", "doubleValue", "booleanValue"):
        if key in field:
            found: Value = field[key]
            return found
    return str(field.get("blobValue"))
