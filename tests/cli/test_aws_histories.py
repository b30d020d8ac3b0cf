"""Histories as AWS documents them become rows: states, attempts, items, what was passed over, children, failures."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import botocore.session
import pytest
from botocore.validate import ParamValidator
from recorded_states import HISTORIES, definition, recorded

from dpc_assets.cli.aws.outline import Unit, units
from dpc_assets.cli.aws.rows import Row, rows
from dpc_assets.cli.aws.visits import visits

RECORDED = sorted(each.stem for each in HISTORIES.glob("*.json") if not each.stem.endswith(".definition"))
NAMES = [
    "Plan run",
    "raw/submissions",
    "raw_types",
    "raw/loads",
    "dbt",
    "dq/results_checks",
    "exports",
    "Finish",
]


def history(name: str, until: int | None = None) -> list[dict[str, Any]]:
    """The events as boto3 gives them: times as datetimes."""
    return [{**each, "timestamp": datetime.fromtimestamp(each["timestamp"], UTC)} for each in recorded(name)["events"]][
        :until
    ]


def outline(name: str) -> tuple[Unit, ...]:
    return units(definition(name))


def states(name: str, until: int | None = None, status: str | None = None) -> dict[str, str]:
    return {row.unit: row.state for row in rows_of(name, until, status).values()}


def rows_of(name: str, until: int | None = None, status: str | None = None) -> dict[str, Row]:
    found = recorded(name)
    made = rows(outline(found["definition"]), history(name, until), status or found["describe"]["status"])
    return {row.unit: row for row in made}


def first(name: str, kind: str, state: str = "") -> int:
    """How many events there are up to the first of a type (of a state)."""
    for event in recorded(name)["events"]:
        if event["type"] == kind and (not state or any(state in str(value) for value in event.values())):
            return int(event["id"])
    raise AssertionError(f"no {kind} in {name}")


@pytest.mark.parametrize("name", RECORDED)
def test_the_recorded_histories_have_the_shape_that_aws_answers(name: str) -> None:
    service = botocore.session.get_session().get_service_model("stepfunctions")
    events = service.operation_model("GetExecutionHistory").output_shape
    described = service.operation_model("DescribeExecution").output_shape
    found = recorded(name)
    for value, shape in (({"events": found["events"]}, events), (found["describe"], described)):
        report = ParamValidator().validate(value, shape)
        assert not report.has_errors(), report.generate_report()
        assert set(value) <= set(shape.members)
    kinds = set(events.members["events"].member.members["type"].enum)
    members = set(events.members["events"].member.members)
    assert {each["type"] for each in found["events"]} <= kinds
    assert {field for each in found["events"] for field in each} <= members
    assert [each["id"] for each in found["events"]] == list(range(1, len(found["events"]) + 1))
    assert all(0 <= each["previousEventId"] < each["id"] for each in found["events"])


def test_units_are_told_by_the_shape_of_the_definition() -> None:
    found = outline("dpc-learning-elt")
    assert [unit.name for unit in found] == NAMES
    submissions = found[1]
    assert submissions.states == {
        "raw/submissions: validate-manifest",
        "raw/submissions: normalize items",
        "raw/submissions: normalize each",
        "raw/submissions: normalize item",
    }
    assert submissions.last == {"raw/submissions: normalize each"}
    assert submissions.passed == "raw/submissions passed over"
    assert [unit.passed for unit in found if unit.name in ("Plan run", "Finish")] == ["", ""]


def test_the_parent_has_units_without_choices() -> None:
    found = outline("dpc-learning-schedule")
    assert [(unit.name, unit.passed) for unit in found] == [("Find work", ""), ("Run each", ""), ("archive/raw", "")]
    assert found[1].states == {"Run each", "Run", "Run failed"}


def test_units_in_branches_are_found() -> None:
    assert [(unit.name, unit.passed) for unit in outline("parallel")] == [
        ("left", "left passed over"),
        ("right", "right passed over"),
        ("last", ""),
    ]


def test_a_month_that_went_well() -> None:
    found = rows_of("month_succeeded")
    assert {row.state for row in found.values()} == {"succeeded"}
    submissions = found["raw/submissions"]
    assert (submissions.tries, submissions.done, submissions.items) == (2, 2, 2)
    assert (found["raw_types"].tries, found["raw_types"].done, found["raw_types"].items) == (1, 1, 1)
    assert (found["dbt"].tries, found["dbt"].items) == (1, None)
    assert found["dbt"].seconds(datetime.now(UTC)) == pytest.approx(60.52)


def test_while_an_item_of_a_map_waits_for_its_next_try() -> None:
    until = first("month_succeeded", "TaskFailed")
    found = rows_of("month_succeeded", until, "RUNNING")["raw/submissions"]
    assert (found.state, found.step, found.error) == ("retrying", "normalize item", "Lambda.TooManyRequestsException")
    assert found.said == "Rate Exceeded. (Service: AWSLambda; Status Code: 429)"
    assert (found.tries, found.done, found.items, found.ended) == (1, 0, 2, None)
    after = rows_of("month_succeeded", first("month_succeeded", "MapStateSucceeded") - 3, "RUNNING")["raw/submissions"]
    assert (after.state, after.step, after.error, after.tries, after.done) == ("running", "normalize each", "", 2, 1)


def test_between_two_states_of_a_unit_it_runs() -> None:
    until = first("month_succeeded", "TaskStateExited", "validate-manifest")
    assert states("month_succeeded", until, "RUNNING") == {
        **dict.fromkeys(NAMES, "waiting"),
        "Plan run": "succeeded",
        "raw/submissions": "running",
    }


def test_what_is_not_selected_is_passed_over() -> None:
    assert states("selection_succeeded") == {
        **dict.fromkeys(NAMES, "succeeded"),
        "raw/submissions": "passed over",
        "raw_types": "passed over",
        "raw/loads": "passed over",
    }


def test_a_failed_item_fails_its_unit_and_nothing_after_it_is_reached() -> None:
    found = rows_of("load_refused")
    assert [row.state for row in found.values()] == ["succeeded", "succeeded", "failed", *["not reached"] * 5]
    assert (found["raw_types"].step, found["raw_types"].error) == ("item", "WarehouseError")
    assert found["raw_types"].said.startswith("copy-2025-05-131000124: statement 9 of 15")
    assert "stackTrace" not in found["raw_types"].said
    assert (found["raw_types"].done, found["raw_types"].items) == (1, 2)


def test_after_a_redrive_the_failed_item_runs_again() -> None:
    found = rows_of("load_redriven_running")
    assert (found["raw_types"].state, found["raw_types"].error, found["raw_types"].tries) == ("running", "", 2)
    assert (found["raw_types"].done, found["raw_types"].items) == (1, 2)
    assert found["raw/loads"].state == "waiting"
    waiting = states("load_redriven_running", first("load_redriven_running", "ExecutionRedriven"))
    assert (waiting["raw/submissions"], waiting["raw_types"]) == ("succeeded", "waiting")
    ended = rows_of("load_redriven")
    assert {row.state for row in ended.values()} == {"succeeded"}
    assert (ended["raw_types"].tries, ended["raw_types"].done) == (2, 2)


def test_a_missed_heartbeat_is_tried_again() -> None:
    found = rows_of("heartbeat_missed")["dbt"]
    assert (found.state, found.error, found.tries) == ("retrying", "States.HeartbeatTimeout", 1)


def test_a_stopped_execution_leaves_what_ran_aborted() -> None:
    found = rows_of("stopped")
    assert (found["dbt"].state, found["dbt"].tries, found["Finish"].state) == ("aborted", 2, "not reached")
    assert found["dbt"].ended is not None


def test_a_failing_branch_stops_its_sibling() -> None:
    found = rows_of("sibling_stopped")
    assert {name: row.state for name, row in found.items()} == {
        "left": "failed",
        "right": "aborted",
        "last": "not reached",
    }
    assert found["left"].said == "ref/facilities.csv line 3: expected 9 digits, found 12"


def test_a_parent_names_its_children_and_a_caught_failure_is_one() -> None:
    running = rows_of("parent_running")["Run each"]
    place = "arn:aws:states:ap-northeast-1:111122223333:execution:dpc-learning-elt:"
    assert running.children == (f"{place}2025-04-a", f"{place}2025-05-a")
    assert (running.state, running.done, running.items) == ("running", 1, 2)
    ended = rows_of("parent_failed")["Run each"]
    assert (ended.state, ended.error, ended.said) == (
        "failed",
        "States.TaskFailed",
        "2025-05-a FAILED WarehouseError",
    )
    assert ended.children == running.children
    assert (ended.done, ended.items) == (1, 2)


def test_an_event_that_follows_a_redrive_alone_is_given_to_the_most_similar_call() -> None:
    """Two items have failed; the redrive schedules the second of them first."""
    call = {"resourceType": "lambda", "resource": "invoke", "region": "ap-northeast-1"}
    failed = {"resourceType": "lambda", "resource": "invoke", "error": "RetryLater", "cause": "S3 refused"}
    scheduled = [
        {
            **call,
            "parameters": json.dumps({"FunctionName": "f", "Payload": {"item": item, "context": {"Retry": count}}}),
        }
        for item, count in (("A", 0), ("B", 0), ("B", 1), ("A", 1))
    ]
    steps: list[tuple[str, int, dict[str, Any]]] = [
        ("ExecutionStarted", 0, {}),
        ("MapStateEntered", 0, {"stateEnteredEventDetails": {"name": "each"}}),
        ("MapStateStarted", 2, {"mapStateStartedEventDetails": {"length": 2}}),
        ("MapIterationStarted", 3, {"mapIterationStartedEventDetails": {"name": "each", "index": 0}}),
        ("TaskStateEntered", 4, {"stateEnteredEventDetails": {"name": "item"}}),
        ("TaskScheduled", 5, {"taskScheduledEventDetails": scheduled[0]}),
        ("MapIterationStarted", 3, {"mapIterationStartedEventDetails": {"name": "each", "index": 1}}),
        ("TaskStateEntered", 7, {"stateEnteredEventDetails": {"name": "item"}}),
        ("TaskScheduled", 8, {"taskScheduledEventDetails": scheduled[1]}),
        ("TaskFailed", 6, {"taskFailedEventDetails": failed}),
        ("TaskStateAborted", 9, {}),
        ("MapIterationFailed", 10, {"mapIterationFailedEventDetails": {"name": "each", "index": 0}}),
        ("MapStateFailed", 12, {}),
        ("ExecutionFailed", 13, {}),
        ("ExecutionRedriven", 14, {"executionRedrivenEventDetails": {"redriveCount": 1}}),
        ("TaskScheduled", 15, {"taskScheduledEventDetails": scheduled[2]}),
        ("TaskScheduled", 15, {"taskScheduledEventDetails": scheduled[3]}),
        ("TaskFailed", 16, {"taskFailedEventDetails": failed}),
    ]
    events = [
        {"type": kind, "id": number, "previousEventId": before, "timestamp": datetime.now(UTC), **details}
        for number, (kind, before, details) in enumerate(steps, start=1)
    ]
    found = [(each.item, each.tries, each.error) for each in visits(events) if each.name == "item"]
    assert found == [(0, 2, ""), (1, 2, "RetryLater")]


@pytest.mark.parametrize("index", [0, 1])
def test_a_redrive_that_begins_an_iteration_again_goes_on_with_its_state(index: int) -> None:
    """What the laptop's Step Functions tells: MapIterationStarted, then the call, without the state being entered."""
    events = history("load_refused")
    end = events[-1]["id"]
    call = next(each for each in events if each["type"] == "TaskScheduled")["taskScheduledEventDetails"]
    steps: list[tuple[str, int, dict[str, Any]]] = [
        ("ExecutionRedriven", end, {"executionRedrivenEventDetails": {"redriveCount": 1}}),
        ("MapIterationStarted", end - 2, {"mapIterationStartedEventDetails": {"name": "raw_types each", "index": 1}}),
        ("TaskScheduled", end + 2, {"taskScheduledEventDetails": call}),
        ("TaskSucceeded", end + 3, {"taskSucceededEventDetails": {"resourceType": "lambda", "resource": "invoke"}}),
        ("TaskStateExited", end + 4, {"stateExitedEventDetails": {"name": "raw_types item"}}),
        (
            "MapIterationSucceeded",
            end + 5,
            {"mapIterationSucceededEventDetails": {"name": "raw_types each", "index": 1}},
        ),
    ]
    more = [
        {"type": kind, "id": end + number, "previousEventId": before, "timestamp": events[-1]["timestamp"], **details}
        for number, (kind, before, details) in enumerate(steps, start=1)
    ]
    item = [each for each in visits([*events, *more]) if each.name == "raw_types item"][index]
    assert (item.tries, item.error, item.exited is not None) == [(1, "", True), (2, "", True)][index]
    row = next(row for row in rows(outline("dpc-learning-elt"), [*events, *more], "RUNNING") if row.unit == "raw_types")
    assert (row.state, row.done, row.items) == ("running", 2, 2)
