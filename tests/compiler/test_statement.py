"""Statements through the Data API: one token while a state is retried, another after a redrive."""

from typing import Any

import boto3
import pytest
from botocore.stub import ANY, Stubber

from compiler.runtime.statement import StatementFailed, StatementRunning, bound, execute, token

CONTEXT = {"Execution": {"Id": "arn:aws:states:x:1:execution:shop:e1", "RedriveCount": 0}, "State": {"Name": "sql"}}
EVENT = {
    "context": CONTEXT,
    "plan": {"partition": "2025-04"},
    "statement": {"sql": ["DELETE FROM t WHERE m = :partition", "SELECT 1"], "workgroup": "dpc", "database": "d"},
}


def run(status: str, **more: Any) -> Any:
    client = boto3.client(
        "redshift-data", region_name="ap-northeast-1", aws_access_key_id="x", aws_secret_access_key="x"
    )
    with Stubber(client) as stub:
        stub.add_response(
            "batch_execute_statement",
            {"Id": "11111111-1111-1111-1111-111111111111"},
            {
                "Sqls": ["DELETE FROM t WHERE m = '2025-04'", "SELECT 1"],
                "WorkgroupName": "dpc",
                "Database": "d",
                "StatementName": "sql",
                "ClientToken": ANY,
            },
        )
        described = {"Id": "11111111-1111-1111-1111-111111111111", "Status": status, **more}
        stub.add_response("describe_statement", described, {"Id": "11111111-1111-1111-1111-111111111111"})
        answer = execute(EVENT, client)
        stub.assert_no_pending_responses()
    return answer


def test_what_has_finished_is_answered() -> None:
    assert run("FINISHED", ResultRows=1) == {"id": "11111111-1111-1111-1111-111111111111", "rows": 1}


@pytest.mark.parametrize("status", ["SUBMITTED", "PICKED", "STARTED"])
def test_what_runs_is_asked_after_again(status: str) -> None:
    with pytest.raises(StatementRunning, match=f"is {status.lower()}$"):
        run(status)


def test_what_failed_says_why() -> None:
    with pytest.raises(StatementFailed, match=r'^statement 1.* failed: relation "t" does not exist$'):
        run("FAILED", Error='relation "t" does not exist')
    with pytest.raises(StatementFailed, match="aborted: no reason given"):
        run("ABORTED")


def test_the_token_changes_with_the_redrive_and_with_nothing_that_a_retry_changes() -> None:
    retried = {**CONTEXT, "State": {"Name": "sql", "RetryCount": 3, "EnteredTime": "2026-01-01T00:00:00Z"}}
    redriven = {**CONTEXT, "Execution": {**CONTEXT["Execution"], "RedriveCount": 1}}
    assert len(token(CONTEXT)) == 64
    assert token(retried) == token(CONTEXT)
    assert token(redriven) != token(CONTEXT)
    assert token({**CONTEXT, "State": {"Name": "other"}}) != token(CONTEXT)


def test_the_partition_is_a_literal() -> None:
    assert bound("WHERE m = :partition", "it's") == "WHERE m = 'it''s'"
    assert bound("SELECT 1", None) == "SELECT 1"
    with pytest.raises(StatementFailed, match="started without one"):
        bound("WHERE m = :partition", None)
