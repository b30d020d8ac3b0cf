"""Events of an execution in the shape that GetExecutionHistory answers.

Source: Step Functions API Reference, HistoryEvent and the *EventDetails; which event follows which is what the console
draws: within a branch or an iteration one after another, its first one behind the event that started it. What a branch
goes on behind after a redrive is not documented; here it is the last event of the branch, which leads to its state.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from compiler.interpreter.definition import LONGEST_S
from compiler.interpreter.query import Json

_NOT_CUT = {"truncated": False}
_DATA = ("input", "output")


@dataclass(frozen=True)
class Event:
    """`time` in seconds of the clock; `about` as the interpreter tells it, with values that are not yet text."""

    id: int
    before: int
    time: float
    type: str
    state: str
    error: str
    cause: str
    about: Mapping[str, Json]


def shown(event: Event, began: float, region: str, with_data: bool = True) -> dict[str, Any]:
    """The event as the API answers it. `began`: second 0 of the clock, in seconds since 1970."""
    found = _details(event, region)
    if found is not None and not with_data:
        found = {name: value for name, value in found.items() if name not in _DATA}
    about = {"timestamp": began + event.time, "type": event.type, "id": event.id, "previousEventId": event.before}
    return about if found is None else {**about, details_name(event.type): found}


def details_name(type_: str) -> str:
    if type_.endswith("StateEntered"):
        return "stateEnteredEventDetails"
    if type_.endswith("StateExited"):
        return "stateExitedEventDetails"
    return type_[0].lower() + type_[1:] + "EventDetails"


def text(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _details(event: Event, region: str) -> dict[str, Any] | None:
    about = event.about
    went_wrong = {name: value for name, value in (("error", event.error), ("cause", event.cause)) if value}
    if event.type.endswith("StateEntered"):
        return {"name": event.state, **_value("input", about["input"])}
    if event.type.endswith("StateExited"):
        return {"name": event.state, **_value("output", about["output"])}
    if event.type.startswith("Execution"):
        return _of_execution(event, went_wrong)
    if event.type.startswith("MapIteration") or event.type == "MapStateStarted":
        return dict(about)
    if event.type == "EvaluationFailed":
        return {"state": event.state, **went_wrong}
    if event.type.startswith("LambdaFunction"):
        return _of_function(event, went_wrong)
    if "resource" in about:
        return _of_task(event, went_wrong, region)
    return None


def _value(name: str, value: Json) -> dict[str, Any]:
    return {name: text(value), name + "Details": _NOT_CUT}


def _of_execution(event: Event, went_wrong: Mapping[str, str]) -> dict[str, Any]:
    about = dict(event.about)
    if event.type == "ExecutionStarted":
        return {**about, "inputDetails": _NOT_CUT}
    if event.type == "ExecutionSucceeded":
        return _value("output", about["output"])
    return {**about, **went_wrong} if event.type == "ExecutionRedriven" else dict(went_wrong)


def _of_task(event: Event, went_wrong: Mapping[str, str], region: str) -> dict[str, Any]:
    """`arn:aws:states:::ecs:runTask.waitForTaskToken` is of the type "ecs", the resource "runTask.waitForTaskToken".
    The version of `startExecution.sync:2` belongs to the resource."""
    about = event.about
    type_, _, name = about["resource"].partition(":::")[2].partition(":")
    found: dict[str, Any] = {"resourceType": type_, "resource": name, **went_wrong}
    if event.type == "TaskScheduled":
        found |= {"region": region, "parameters": text(about["arguments"]), **_limits(about)}
    elif event.type in ("TaskSubmitted", "TaskSucceeded"):
        found |= _value("output", about["output"])
    return found


def _of_function(event: Event, went_wrong: Mapping[str, str]) -> dict[str, Any] | None:
    about = event.about
    if event.type == "LambdaFunctionScheduled":
        limits = {name: value for name, value in _limits(about).items() if name == "timeoutInSeconds"}
        return {"resource": about["resource"], **_value("input", about["arguments"]), **limits}
    if event.type == "LambdaFunctionSucceeded":
        return _value("output", about["output"])
    return dict(went_wrong) or None


def _limits(about: Mapping[str, Json]) -> dict[str, int]:
    found = {}
    if about["timeout"] < LONGEST_S:
        found["timeoutInSeconds"] = int(about["timeout"])
    if about["heartbeat"] is not None:
        found["heartbeatInSeconds"] = int(about["heartbeat"])
    return found
