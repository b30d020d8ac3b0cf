"""Where the time of an execution went: a history of a Lambda step, a map of two items side by side, a retried task."""

from datetime import UTC, datetime, timedelta

import pytest
from machine_time import Task, busy, tasks, wall

BEGAN = datetime(2025, 6, 1, tzinfo=UTC)
LAMBDA, ECS = {"resourceType": "lambda"}, {"resourceType": "ecs"}


def at(seconds: float) -> datetime:
    return BEGAN + timedelta(seconds=seconds)


def event(number: int, before: int, seconds: float, kind: str, **details: object) -> dict[str, object]:
    return {"id": number, "previousEventId": before, "timestamp": at(seconds), "type": kind, **details}


def entered(number: int, before: int, seconds: float, kind: str, name: str) -> dict[str, object]:
    return event(number, before, seconds, f"{kind}StateEntered", stateEnteredEventDetails={"name": name})


HISTORY = [
    event(1, 0, 0.0, "ExecutionStarted"),
    entered(2, 0, 0.0, "Task", "plan"),
    event(3, 2, 0.5, "TaskScheduled", taskScheduledEventDetails=LAMBDA),
    event(4, 3, 0.5, "TaskStarted"),
    event(5, 4, 2.5, "TaskSucceeded"),
    event(6, 5, 2.5, "TaskStateExited"),
    entered(7, 6, 2.5, "Map", "each"),
    event(8, 7, 2.5, "MapStateStarted"),
    event(9, 8, 2.5, "MapIterationStarted"),
    event(10, 8, 2.5, "MapIterationStarted"),
    entered(11, 9, 3.0, "Task", "item"),
    entered(12, 10, 3.0, "Task", "item"),
    event(13, 11, 3.0, "TaskScheduled", taskScheduledEventDetails=LAMBDA),
    event(14, 12, 4.0, "LambdaFunctionScheduled"),
    event(15, 14, 5.0, "LambdaFunctionSucceeded"),
    event(16, 13, 6.0, "TaskSucceeded"),
    event(17, 16, 6.0, "MapIterationSucceeded"),
    event(18, 15, 6.0, "MapIterationSucceeded"),
    event(19, 18, 6.0, "MapStateSucceeded"),
    event(20, 19, 6.0, "MapStateExited"),
    entered(21, 20, 6.0, "Task", "dbt"),
    event(22, 21, 6.0, "TaskScheduled", taskScheduledEventDetails=ECS),
    event(23, 22, 6.0, "TaskStarted"),
    event(24, 23, 7.0, "TaskSubmitFailed"),
    event(25, 24, 9.0, "TaskScheduled", taskScheduledEventDetails=ECS),
    event(26, 25, 9.0, "TaskStarted"),
    event(27, 26, 9.5, "TaskSubmitted"),
    event(28, 27, 10.0, "TaskStateAborted"),
    event(29, 28, 10.0, "ExecutionAborted"),
]

FOUND = (
    Task("plan", "lambda", at(0.5), at(2.5)),
    Task("item", "lambda", at(3.0), at(6.0)),
    Task("item", "lambda", at(4.0), at(5.0)),
    Task("dbt", "ecs", at(6.0), at(7.0)),
    Task("dbt", "ecs", at(9.0), at(10.0)),
)


def test_every_try_is_a_task_of_its_state_from_scheduled_to_its_end() -> None:
    assert tasks(HISTORY) == FOUND


def test_what_overlaps_is_busy_once_and_waits_are_not() -> None:
    assert wall(HISTORY) == 10.0
    assert sum(each.seconds for each in FOUND) == 8.0
    assert busy(FOUND) == 7.0
    assert busy(reversed(FOUND)) == 7.0
    assert busy(()) == 0.0


@pytest.mark.parametrize(
    ("second", "seconds"),
    [((1.0, 2.0), 4.0), ((3.0, 6.0), 6.0), ((4.0, 6.0), 6.0), ((5.0, 6.0), 5.0)],
    ids=["within", "overlapping", "touching", "after a wait"],
)
def test_two_tasks(second: tuple[float, float], seconds: float) -> None:
    assert busy([Task("a", "lambda", at(0), at(4)), Task("b", "lambda", at(second[0]), at(second[1]))]) == seconds
