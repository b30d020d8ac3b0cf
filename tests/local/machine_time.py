"""Where the time of an execution went, read from its history. Pure.

A task lasts from the event that schedules it to the one that ends it (Step Functions API Reference, HistoryEvent:
Task... and LambdaFunction...); each retry is a task of its own. Those of a map or a parallel state may overlap.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

ENDS = ("Succeeded", "Failed", "TimedOut")


@dataclass(frozen=True)
class Task:
    """`service`: lambda, ecs, states ... ; one that never ended ends with the history."""

    state: str
    service: str
    start: datetime
    end: datetime

    @property
    def seconds(self) -> float:
        return (self.end - self.start).total_seconds()


def wall(history: Sequence[Mapping[str, Any]]) -> float:
    """Seconds from the first event to the last."""
    return float((history[-1]["timestamp"] - history[0]["timestamp"]).total_seconds())


def tasks(history: Sequence[Mapping[str, Any]]) -> tuple[Task, ...]:
    """In the order in which they were scheduled. `history`: all events of GetExecutionHistory, oldest first."""
    known = {each["id"]: each for each in history}

    def back(event: Mapping[str, Any], kind: str) -> Mapping[str, Any]:
        while not event["type"].endswith(kind):
            event = known[event["previousEventId"]]
        return event

    calls = [each for each in history if each["type"].endswith("Scheduled")]
    ends: dict[int, datetime] = {}
    for each in history:
        if each["type"].startswith(("Task", "LambdaFunction")) and each["type"].endswith(ENDS):
            ends[back(each, "Scheduled")["id"]] = each["timestamp"]
    return tuple(
        Task(
            back(each, "StateEntered")["stateEnteredEventDetails"]["name"],
            each.get("taskScheduledEventDetails", {}).get("resourceType", "lambda"),
            each["timestamp"],
            ends.get(each["id"], history[-1]["timestamp"]),
        )
        for each in calls
    )


def busy(found: Iterable[Task]) -> float:
    """Seconds in which at least one of them ran: what overlaps counts once."""
    seconds, until = 0.0, None
    for each in sorted(found, key=lambda task: task.start):
        start = each.start if until is None else max(each.start, until)
        if each.end > start:
            seconds += (each.end - start).total_seconds()
        until = each.end if until is None else max(until, each.end)
    return seconds
