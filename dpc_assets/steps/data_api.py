"""The warehouse over the Redshift Data API: boto3's `redshift-data` client in AWS, the DuckDB stand-in on a laptop.

Shapes and limits: docs.aws.amazon.com/redshift-data/latest/APIReference (BatchExecuteStatement, DescribeStatement,
GetStatementResult). Both clients answer alike, so the polling and paging below run on a laptop too.
"""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from dpc_assets.steps.errors import InputError, RetryLater, WarehouseError
from dpc_assets.steps.ports import Row, Value

BATCH_LIMIT = 40
"""Statements of one batch, which is one transaction."""

STATEMENT_BYTES = 100_000
"""Bytes of one statement that are sure to pass."""

TOKEN_CHARACTERS = 64
"""Characters of a ClientToken that the service takes."""

_RETRYABLE_CODES = frozenset(
    {
        "AccessDeniedException",
        "ActiveSessionsExceededException",
        "ActiveStatementsExceededException",
        "DatabaseConnectionException",
        "ExpiredTokenException",
        "InternalServerException",
        "QueryTimeoutException",
        "RequestTimeout",
        "ServiceUnavailable",
        "ServiceUnavailableException",
        "ThrottlingException",
        "TooManyRequestsException",
    }
)
_RETRYABLE_TEXTS = (
    "serializable isolation violation",
    "deadlock detected",
    "could not obtain lock",
    "disk full",
    "connection refused",
    "connection timed out",
    "warehouse is not available",
)


def sql_text(value: str | None) -> str:
    """A string literal in Redshift SQL (NULL for None): quotes and backslashes doubled."""
    if value is None:
        return "NULL"
    return "'" + value.replace("\\", "\\\\").replace("'", "''") + "'"


def inserts(into: str, rows: Iterable[str]) -> list[str]:
    """`INSERT INTO {into} VALUES` of the rows (each a tuple of literals), cut so that every statement passes."""
    head = f"INSERT INTO {into} VALUES\n"
    statements: list[str] = []
    held: list[str] = []
    size = 0
    for row in rows:
        more = len(row.encode()) + 2
        if held and len(head.encode()) + size + more > STATEMENT_BYTES:
            statements.append(head + ",\n".join(held))
            held, size = [], 0
        held.append(row)
        size += more
    return [*statements, head + ",\n".join(held)] if held else statements


@dataclass(frozen=True)
class DataApiWarehouse:
    """`ports.Warehouse` over `client`. `bound_seconds`: how long a batch may run before it is cancelled: RetryLater.
    `remaining` answers the seconds that the caller itself has left, which bound it too.

    `token` answers the ClientToken of a call (at most 64 characters): equal tokens are one execution, so a retry of
    the same call must not repeat an old failed one. boto3's own retries of one request keep its token.
    `sleep` and `monotonic` are the clock of the waits, in seconds. `secret`: ARN of the secret of a database
    user; without it the caller's own identity is the user.
    """

    client: Any
    database: str = "dpc"
    workgroup: str = "dpc-learning"
    bound_seconds: float = 3600.0
    sleep: Callable[[float], None] = time.sleep
    token: Callable[[], str] = lambda: os.urandom(16).hex()
    monotonic: Callable[[], float] = time.monotonic
    remaining: Callable[[], float] = lambda: math.inf
    secret: str = ""

    def execute(self, statements: Sequence[str], *, name: str) -> tuple[int, ...]:
        if not 1 <= len(statements) <= BATCH_LIMIT:
            raise InputError(
                f"{name}: expected 1 to {BATCH_LIMIT} statements in one transaction, found {len(statements)}"
            )
        _refuse_long(statements, name)
        started = self._call("batch_execute_statement", name, Sqls=list(statements), **self._target(name))
        done = self._finished(started["Id"], name)
        return tuple(int(sub.get("ResultRows", -1)) for sub in done.get("SubStatements") or [done])

    def fetch(self, statement: str, *, name: str) -> list[Row]:
        _refuse_long((statement,), name)
        started = self._call("execute_statement", name, Sql=statement, **self._target(name))
        done = self._finished(started["Id"], name)
        if not done.get("HasResultSet"):
            return []
        rows: list[Row] = []
        following: dict[str, str] = {}
        while True:
            page = self._call("get_statement_result", name, Id=started["Id"], **following)
            columns = page.get("ColumnMetadata") or [{} for _ in (page["Records"] or [[]])[0]]
            rows.extend(tuple(map(_value, record, columns)) for record in page["Records"])
            if not page.get("NextToken"):
                return rows
            following = {"NextToken": page["NextToken"]}

    def _target(self, name: str) -> dict[str, str]:
        token = self.token()
        if not 1 <= len(token) <= TOKEN_CHARACTERS:
            raise InputError(f"{name}: ClientToken: expected 1 to {TOKEN_CHARACTERS} characters, found {len(token)}")
        target = {"Database": self.database, "StatementName": name[:500], "ClientToken": token}
        told = {"WorkgroupName": self.workgroup, "SecretArn": self.secret}
        return {**target, **{name: value for name, value in told.items() if value}}

    def _finished(self, statement_id: str, name: str) -> Mapping[str, Any]:
        """The state of the statement once it ended well; raises what it failed with."""
        try:
            state = self._ended(statement_id, name)
        except BaseException:  # the time is over, or the person interrupts: nothing goes on unseen
            with suppress(RetryLater, WarehouseError):
                self._call("cancel_statement", name, Id=statement_id)
            raise
        if state["Status"] == "FINISHED":
            return state
        raise _refused(state, name)

    def _ended(self, statement_id: str, name: str) -> Mapping[str, Any]:
        bound = max(0.0, min(self.bound_seconds, self.remaining()))
        give_up, pause = self.monotonic() + bound, 0.05
        while True:
            state = self._call("describe_statement", name, Id=statement_id)
            if state["Status"] in ("FINISHED", "FAILED", "ABORTED"):
                return state
            if self.monotonic() >= give_up:
                raise RetryLater(f"{name}: still running after {bound:.0f} s; it was cancelled")
            self.sleep(pause)
            pause = min(pause * 1.5, 5.0)

    def _call(self, operation: str, name: str, **arguments: Any) -> Mapping[str, Any]:
        from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

        try:
            answer: Mapping[str, Any] = getattr(self.client, operation)(**arguments)
            return answer
        except ClientError as error:
            code = str(error.response.get("Error", {}).get("Code", ""))
            kind = RetryLater if code in _RETRYABLE_CODES else WarehouseError
            raise kind(f"{name}: Redshift Data API, {operation}: {error}") from error
        except ParamValidationError as error:
            raise InputError(f"{name}: Redshift Data API, {operation}: {error}") from error
        except BotoCoreError as error:
            raise RetryLater(f"{name}: Redshift Data API was not reached, {operation}: {error}") from error


def _refuse_long(statements: Sequence[str], name: str) -> None:
    for number, statement in enumerate(statements, start=1):
        size = len(statement.encode())
        if size > STATEMENT_BYTES:
            raise InputError(f"{name}: statement {number}: expected at most {STATEMENT_BYTES} bytes, found {size}")


def _refused(state: Mapping[str, Any], name: str) -> WarehouseError | RetryLater:
    """The error of a statement that ended badly: with its place in the batch and the engine's own text."""
    told = str(state.get("Error") or f"the statement was {str(state['Status']).lower()}")
    for number, sub in enumerate(state.get("SubStatements") or (), start=1):
        if sub.get("Status") == "FAILED":
            told = f"statement {number} of {len(state['SubStatements'])}: {sub.get('Error') or told}"
            break
    later = state["Status"] == "ABORTED" or any(text in told.lower() for text in _RETRYABLE_TEXTS)
    return (RetryLater if later else WarehouseError)(f"{name}: {told}")


def _value(field: Mapping[str, Any], column: Mapping[str, Any]) -> Value:
    """A field as the port's value. A numeric comes as text: whole ones become int, others stay exact text."""
    if field.get("isNull"):
        return None
    for key in ("longValue", "booleanValue", "doubleValue"):
        if key in field:
            found: Value = field[key]
            return found
    text = str(field.get("stringValue", ""))
    if column.get("typeName") == "numeric" and not column.get("scale"):
        return int(text)
    return text
