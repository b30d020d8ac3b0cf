"""The message about an execution that ended badly, from histories in the shape of the Step Functions API."""

import io
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

import boto3
import pytest
from botocore.stub import Stubber

from dpc_assets.steps import notice
from dpc_assets.steps.channels import TerminalNotifier
from dpc_assets.steps.errors import InputError
from dpc_assets.steps.executions import Executions
from dpc_assets.steps.failures import Failure, failures
from dpc_assets.steps.failures import told as told_of
from dpc_assets.steps.ports import Ports
from dpc_assets.steps.run import Run

MACHINE = "arn:aws:states:ap-northeast-1:123456789012:stateMachine:dpc-learning-elt"
ARN = "arn:aws:states:ap-northeast-1:123456789012:execution:dpc-learning-elt:monday"
PARENT = "arn:aws:states:ap-northeast-1:123456789012:execution:dpc-learning-schedule:night"
BEGAN = datetime(2025, 7, 1, 3, 0, tzinfo=UTC)
CONSOLE = "https://ap-northeast-1.console.aws.amazon.com/states/home?region=ap-northeast-1#/v2/executions/details/"


def history(*events: tuple[int, int, str, dict[str, Any]]) -> list[dict[str, Any]]:
    """(id, previous id, type, details) -> events as GetExecutionHistory answers them."""
    return [
        {"timestamp": BEGAN, "id": number, "previousEventId": before, "type": kind, **details}
        for number, before, kind, details in events
    ]


def entered(state: str, given: object = None) -> dict[str, Any]:
    return {"stateEnteredEventDetails": {"name": state, "input": json.dumps({} if given is None else given)}}


def failed(error: str, cause: str) -> dict[str, Any]:
    about = {"resourceType": "lambda", "resource": "invoke", "error": error, "cause": cause}
    return {"taskFailedEventDetails": about}


def scheduled() -> dict[str, Any]:
    about = {"resourceType": "lambda", "resource": "invoke", "region": "ap-northeast-1", "parameters": "{}"}
    return {"taskScheduledEventDetails": about}


def of_lambda(kind: str, message: str) -> str:
    return json.dumps({"errorMessage": message, "errorType": kind, "requestId": "-", "stackTrace": ["  File ..."]})


@contextmanager
def stepfunctions(
    events: list[dict[str, Any]] | None,
    status: str = "FAILED",
    arn: str = ARN,
    given: Mapping[str, Any] | None = None,
    **described: Any,
) -> Iterator[Any]:
    """A client whose answers botocore has compared with the service's model; None: the history is refused."""
    client = boto3.client("stepfunctions", region_name="ap-northeast-1")
    with Stubber(client) as stub:
        about = {
            "executionArn": arn,
            "stateMachineArn": MACHINE,
            "name": arn.rpartition(":")[2],
            "status": status,
            "startDate": BEGAN,
            "input": json.dumps({"partition": "2025-04"} if given is None else given),
            "redriveStatus": "REDRIVABLE",
            **described,
        }
        stub.add_response("describe_execution", about, {"executionArn": arn})
        if status != "ABORTED":
            asked = {"executionArn": arn, "maxResults": 1000}
            if events is None:
                stub.add_client_error("get_execution_history", "AccessDeniedException", "no kms:Decrypt")
            else:
                half = len(events) // 2
                stub.add_response("get_execution_history", {"events": events[:half], "nextToken": "more"}, asked)
                stub.add_response("get_execution_history", {"events": events[half:]}, {**asked, "nextToken": "more"})
        yield client
        stub.assert_no_pending_responses()


def told(client: Any, status: str = "FAILED", arn: str = ARN) -> tuple[str, Mapping[str, int]]:
    stream = io.StringIO()
    nothing: Any = None
    ports = Ports(nothing, nothing, lambda: BEGAN, TerminalNotifier(stream), lambda: b"")
    event = {"source": "aws.states", "detail": {"executionArn": arn, "status": status}}
    result = notice.run(Run("call-1", ()), ports, event, Executions(client))
    return stream.getvalue(), result.counts


COPY_ERROR = (
    "copy-2025-04-131000123: statement 3 of 9 was refused\n"
    "EFn_131000123_2504.txt line 12 column 15: expected at most 30 bytes, found 42"
)
LOAD = history(
    (1, 0, "ExecutionStarted", {}),
    (2, 1, "TaskStateEntered", entered("Plan run")),
    (3, 2, "TaskScheduled", scheduled()),
    (4, 3, "TaskFailed", failed("ClaimUnreachable", of_lambda("ClaimUnreachable", "slow"))),
    (5, 4, "TaskScheduled", scheduled()),
    (6, 5, "TaskSucceeded", {}),
    (7, 6, "TaskStateExited", {}),
    (8, 7, "MapStateEntered", entered("raw_types each")),
    (9, 8, "MapStateStarted", {"mapStateStartedEventDetails": {"length": 1}}),
    (10, 9, "MapIterationStarted", {"mapIterationStartedEventDetails": {"name": "raw_types each", "index": 0}}),
    (11, 10, "TaskStateEntered", entered("raw_types item", {"facility": "131000123"})),
    (12, 11, "TaskScheduled", scheduled()),
    (13, 12, "TaskFailed", failed("WarehouseError", of_lambda("WarehouseError", COPY_ERROR))),
    (14, 13, "MapIterationFailed", {"mapIterationFailedEventDetails": {"name": "raw_types each", "index": 0}}),
    (15, 14, "MapStateFailed", {}),
    (16, 15, "ExecutionFailed", {"executionFailedEventDetails": {"error": "WarehouseError", "cause": "-"}}),
)


def test_a_refused_load_names_file_line_and_column_and_is_rerun() -> None:
    with stepfunctions(LOAD, given={"partition": "2025-04", "wait": True, notice._STARTED_BY: PARENT}) as client:
        text, counts = told(client)
    assert text == (
        "DPC 2025-04: FAILED\n"
        "dpc-learning-elt monday: FAILED\n"
        '失敗した所 failed at: raw_types item {"facility": "131000123"}\n'
        "エラー error: WarehouseError\n"
        "  copy-2025-04-131000123: statement 3 of 9 was refused\n"
        "  EFn_131000123_2504.txt line 12 column 15: expected at most 30 bytes, found 42\n"
        "\n"
        "上の文が示すデータ・設定を直してから再実行 (rerun) してください。"
        " Mend what the text above names, then rerun.\n"
        f"  aws stepfunctions start-execution --state-machine-arn {MACHINE} "
        '--input \'{"partition": "2025-04", "wait": true}\'\n'
        f"{CONSOLE}{ARN}\n"
    )
    assert counts == {"sent": 1, "failures": 1}


def test_a_state_after_a_map_is_no_item_of_it() -> None:
    events = history(
        (1, 0, "MapStateEntered", entered("raw_types each")),
        (2, 1, "MapStateStarted", {"mapStateStartedEventDetails": {"length": 1}}),
        (3, 2, "MapIterationStarted", {"mapIterationStartedEventDetails": {"name": "raw_types each", "index": 0}}),
        (4, 3, "TaskStateEntered", entered("raw_types item", {"facility": "131000123"})),
        (5, 4, "TaskStateExited", {"stateExitedEventDetails": {"name": "raw_types item"}}),
        (6, 5, "MapIterationSucceeded", {"mapIterationSucceededEventDetails": {"name": "raw_types each", "index": 0}}),
        (7, 6, "MapStateSucceeded", {}),
        (8, 7, "MapStateExited", {"stateExitedEventDetails": {"name": "raw_types each"}}),
        (9, 8, "TaskStateEntered", entered("raw/loads")),
        (10, 9, "TaskScheduled", scheduled()),
        (11, 10, "TaskFailed", failed("InputError", of_lambda("InputError", "wrong"))),
    )
    assert failures(events) == (Failure("raw/loads", "InputError", "wrong", ""),)


BROKEN_OFF = (
    'failed: 2025-04 DataHeld, archive/raw RetryLater: {"errorMessage": "raw/a \\"b\\": refused", "errorType": '
    '"RetryLater", "stackTrace": ["  File x.py'
)
WHOLE = 'first {"errorMessage": "one", "stackTrace": ["x"]}, then {"errorMessage": "two"}, then {"other": 1}'


@pytest.mark.parametrize(
    ("cause", "said"),
    [
        (BROKEN_OFF, 'failed: 2025-04 DataHeld, archive/raw RetryLater: raw/a "b": refused'),
        (WHOLE, 'first one, then two, then {"other": 1}'),
        ('{"errorMessage": "breaks off', '{"errorMessage": "breaks off'),
        ("no document", "no document"),
    ],
)
def test_a_cause_that_tells_of_others_is_told_without_their_stack_traces(cause: str, said: str) -> None:
    assert told_of("RunsFailed", cause) == ("RunsFailed", said)


def test_a_dead_container_is_redriven() -> None:
    events = history(
        (1, 0, "ExecutionStarted", {}),
        (2, 1, "TaskStateEntered", entered("dbt")),
        (3, 2, "TaskScheduled", scheduled()),
        (4, 3, "TaskTimedOut", {"taskTimedOutEventDetails": _timed_out("States.HeartbeatTimeout")}),
        (5, 4, "ExecutionFailed", {"executionFailedEventDetails": {"error": "States.HeartbeatTimeout"}}),
    )
    with stepfunctions(events) as client:
        text, _ = told(client)
    assert text == (
        "DPC 2025-04: FAILED\n"
        "dpc-learning-elt monday: FAILED\n"
        "失敗した所 failed at: dbt\n"
        "エラー error: States.HeartbeatTimeout\n"
        "\n"
        "原因はインフラです。同じ実行を失敗した所から再開 (redrive) してください (14 日以内)。"
        " The cause is the infrastructure: redrive the same execution from where it failed (within 14 days).\n"
        f"  aws stepfunctions redrive-execution --execution-arn {ARN}\n"
        f"{CONSOLE}{ARN}\n"
    )


def _timed_out(error: str) -> dict[str, Any]:
    return {"resourceType": "ecs", "resource": "runTask.waitForTaskToken", "error": error}


def test_what_failed_before_a_redrive_is_not_told_again() -> None:
    again = history(
        (17, 16, "ExecutionRedriven", {"executionRedrivenEventDetails": {"redriveCount": 1}}),
        (18, 11, "TaskScheduled", scheduled()),
        (19, 18, "TaskFailed", failed("RetryLater", of_lambda("RetryLater", "Redshift was not reached"))),
        (20, 19, "ExecutionFailed", {"executionFailedEventDetails": {"error": "RetryLater", "cause": "-"}}),
    )
    with stepfunctions([*LOAD, *again]) as client:
        text, counts = told(client)
    assert counts == {"sent": 1, "failures": 1}
    assert "エラー error: RetryLater\n  Redshift was not reached\n" in text
    assert "WarehouseError" not in text


def test_the_end_before_a_redrive_is_not_the_end_after_it() -> None:
    fails = history(
        (1, 0, "FailStateEntered", entered("Some runs failed")),
        (2, 1, "ExecutionFailed", {"executionFailedEventDetails": {"error": "RunsFailed", "cause": "failed: 2025-04"}}),
    )
    late = history(
        (3, 2, "ExecutionRedriven", {"executionRedrivenEventDetails": {"redriveCount": 1}}),
        (4, 3, "ExecutionTimedOut", {"executionTimedOutEventDetails": {"error": "States.Timeout"}}),
    )
    assert failures(fails) == (Failure("", "RunsFailed", "failed: 2025-04", ""),)
    assert failures([*fails, *late]) == ()


def test_what_can_no_longer_be_redriven_is_rerun() -> None:
    events = history(
        (1, 0, "ExecutionStarted", {}),
        (2, 1, "ExecutionTimedOut", {"executionTimedOutEventDetails": {"error": "States.Timeout"}}),
    )
    with stepfunctions(
        events, "TIMED_OUT", redriveStatus="NOT_REDRIVABLE", redriveStatusReason="Execution is too old"
    ) as client:
        text, _ = told(client, "TIMED_OUT")
    assert text.startswith("DPC 2025-04: TIMED_OUT\n")
    assert "再開できません it cannot be redriven (Execution is too old): rerun\n" in text
    assert "start-execution --state-machine-arn" in text
    assert "redrive-execution" not in text


def test_an_execution_stopped_by_hand() -> None:
    with stepfunctions([], "ABORTED") as client:
        text, counts = told(client, "ABORTED")
    assert text == (
        "DPC 2025-04: ABORTED\n"
        "dpc-learning-elt monday: ABORTED\n"
        "\n"
        "実行は人の手で止められました。続けるなら再開 (redrive) してください。"
        " The execution was stopped by hand: redrive to go on.\n"
        f"  aws stepfunctions redrive-execution --execution-arn {ARN}\n"
        f"{CONSOLE}{ARN}\n"
    )
    assert counts == {"sent": 1, "failures": 0}


def test_a_held_month_was_told_by_the_summary() -> None:
    events = history(
        (1, 0, "ExecutionStarted", {}),
        (2, 1, "TaskStateEntered", entered("Finish")),
        (3, 2, "TaskScheduled", scheduled()),
        (4, 3, "TaskFailed", failed("DataHeld", of_lambda("DataHeld", "2025-04 is held"))),
        (5, 4, "ExecutionFailed", {"executionFailedEventDetails": {"error": "DataHeld", "cause": "-"}}),
    )
    with stepfunctions(events) as client:
        assert told(client) == ("", {"sent": 0, "failures": 1})


def test_the_parent_says_which_months_and_not_why() -> None:
    events = history(
        (1, 0, "ExecutionStarted", {}),
        (2, 1, "TaskStateEntered", entered("Run")),
        (3, 2, "TaskScheduled", scheduled()),
        (4, 3, "TaskFailed", failed("States.TaskFailed", "-")),
        (5, 4, "TaskStateExited", {}),
        (6, 5, "FailStateEntered", entered("Some runs failed")),
        (
            7,
            6,
            "ExecutionFailed",
            {
                "executionFailedEventDetails": {
                    "error": "RunsFailed",
                    "cause": 'failed: {"partition":"2025-04"} WarehouseError',
                }
            },
        ),
    )
    with stepfunctions(events, arn=PARENT, given={}) as client:
        text, _ = told(client, arn=PARENT)
    assert text == (
        "DPC dpc-learning-schedule: FAILED\n"
        "dpc-learning-schedule night: FAILED\n"
        "失敗した所 failed at: dpc-learning-schedule\n"
        "エラー error: RunsFailed\n"
        '  failed: {"partition":"2025-04"} WarehouseError\n'
        "\n"
        "失敗した月は、それぞれ別の通知にあります。親自身の失敗は上の文のとおりです。親の実行は再開せず、始め直してください。"
        " Each month that failed has a message of its own, what else failed stands above; never redrive the parent, "
        "start it again.\n"
        "  aws stepfunctions start-execution --state-machine-arn "
        "arn:aws:states:ap-northeast-1:123456789012:stateMachine:dpc-learning-schedule --input '{}'\n"
        f"{CONSOLE}{PARENT}\n"
    )


def test_a_history_that_cannot_be_read_does_not_keep_the_message_back() -> None:
    with stepfunctions(None, error="WarehouseError", cause=of_lambda("WarehouseError", "refused")) as client:
        text, counts = told(client)
    assert "エラー error: WarehouseError\n  refused\n" in text
    assert "the history could not be read: " + ARN in text
    assert counts["sent"] == 1


def test_another_event_is_refused() -> None:
    nothing: Any = None
    with pytest.raises(InputError, match=r'expected "Step Functions Execution Status Change".*found detail, source'):
        notice.run(Run("call-1", ()), nothing, {"source": "aws.s3", "detail": {}}, nothing)


@pytest.mark.parametrize(
    ("error", "what"),
    [
        ("Lambda.TooManyRequestsException", "redrive"),
        ("ECS.AmazonECSException", "redrive"),
        ("States.Timeout", "redrive"),
        ("Sandbox.Timedout", "redrive"),
        ("WriterBusy", "busy"),
        ("InputError", "rerun"),
        ("CheckFailed", "rerun"),
        ("SomethingNew", "rerun"),
        ("NotConfigured", "deploy"),
        ("Runtime.ImportModuleError", "deploy"),
        ("States.QueryEvaluationError", "deploy"),
    ],
)
def test_the_class_decides(error: str, what: str) -> None:
    assert notice.advice("FAILED", [Failure("x", error, "")]) == what


def test_what_a_person_said_when_stopping_an_execution_is_no_error_to_mend() -> None:
    with stepfunctions([], "ABORTED", error="maintenance", cause="back at noon") as client:
        text, _ = told(client, "ABORTED")
    assert "エラー error: maintenance\n  back at noon\n" in text
    assert f"  aws stepfunctions redrive-execution --execution-arn {ARN}\n" in text
    assert notice.advice("ABORTED", [Failure("", "maintenance", "back at noon")]) == "stopped"
