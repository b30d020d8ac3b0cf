"""The function behind a statement state: SQL through the Redshift Data API, asked after by being retried.

The first call submits the statements in one transaction under a token made of execution, state and redrive; every later
call of the same state submits the same token, is answered the same statement, and looks at it. While it runs,
StatementRunning is raised, which the state retries every few seconds, so many times and no more. A statement that fails
is StatementFailed: it is not retried, and a redrive submits it again, because its token is another.
(Redshift Data API, BatchExecuteStatement: ClientToken.)
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any


class StatementRunning(Exception):
    """Not finished yet: the state is retried."""


class StatementFailed(Exception):
    """The warehouse refused a statement, or it was cancelled; nothing of the transaction was kept."""


def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
    """Lambda's entry. event: `statement` {sql, workgroup, database}, `context` of the execution, `plan`."""
    import boto3

    return execute(event, boto3.client("redshift-data"))


def execute(event: Mapping[str, Any], client: Any) -> dict[str, Any]:
    """Submits or looks again; answers {"id", "rows"} when all statements have finished."""
    statement = event["statement"]
    submitted = client.batch_execute_statement(
        Sqls=[bound(sql, event["plan"]["partition"]) for sql in statement["sql"]],
        WorkgroupName=statement["workgroup"],
        Database=statement["database"],
        StatementName=event["context"]["State"]["Name"][:500],
        ClientToken=token(event["context"]),
    )
    found = client.describe_statement(Id=submitted["Id"])
    status = found["Status"]
    if status == "FINISHED":
        return {"id": submitted["Id"], "rows": found.get("ResultRows", -1)}
    if status in ("FAILED", "ABORTED"):
        raise StatementFailed(f"statement {submitted['Id']} {status.lower()}: {found.get('Error', 'no reason given')}")
    raise StatementRunning(f"statement {submitted['Id']} is {status.lower()}")


def bound(sql: str, partition: str | None) -> str:
    """The SQL with `:partition` as a string literal; the key was checked against the graph's partitions."""
    if ":partition" not in sql:
        return sql
    if partition is None:
        raise StatementFailed("the statement names :partition, and the execution was started without one")
    return sql.replace(":partition", "'" + partition.replace("'", "''") + "'")


def token(context: Mapping[str, Any]) -> str:
    """64 hex digits (the most that a ClientToken may have) that stay the same while a state is retried.

    A state is entered once in an execution: the machine has no loops, and statements do not run inside maps.
    """
    execution = context["Execution"]
    parts = (execution["Id"], str(execution.get("RedriveCount", 0)), context["State"]["Name"])
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
