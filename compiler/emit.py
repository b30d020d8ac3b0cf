"""States to text: the definition that AWS is given, with `${holes}` for what only Terraform knows.

One state a line, so that a review shows which states changed; no other white space, because a definition may have 1 MB.
"""

import json
from collections.abc import Iterator, Mapping

from compiler.graph import Retry
from compiler.states import (
    Catch,
    Choice,
    Fail,
    Json,
    Map,
    Parallel,
    Pass,
    Scope,
    State,
    StateMachine,
    Succeed,
    Task,
    expression,
)


def emit(machine: StateMachine) -> str:
    """The machine as JSON text that ends in a newline; the same machine is the same bytes."""
    return _text(
        {
            "Comment": machine.comment,
            "QueryLanguage": "JSONata",
            "TimeoutSeconds": machine.timeout_s,
            **_scope(machine.scope),
        }
    )


def _text(definition: Mapping[str, Json]) -> str:
    """Compact JSON, with a line for each state and for the ends of each scope."""
    return "".join(_pieces(definition)) + "\n"


def _pieces(value: Json) -> Iterator[str]:
    """Pieces of compact JSON; a newline before each member of a `States` object and after its last."""
    waiting: list[Json | _Raw] = [value]
    while waiting:
        each = waiting.pop()
        if isinstance(each, _Raw):
            yield each.text
        elif isinstance(each, Mapping):
            parts: list[Json | _Raw] = []
            for name, member in each.items():
                parts += [_Raw("," if parts else ""), _Raw(_dumped(name) + ":")]
                parts += _states(member) if name == "States" and isinstance(member, Mapping) else [member]
            waiting += [_Raw("}"), *reversed(parts), _Raw("{")]
        elif isinstance(each, list | tuple):
            listed: list[Json | _Raw] = []
            for item in each:
                listed += [_Raw("," if listed else ""), item]
            waiting += [_Raw("]"), *reversed(listed), _Raw("[")]
        else:
            yield _dumped(each)


class _Raw:
    """Text that is already JSON."""

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text


def _states(states: Mapping[str, Json]) -> "list[Json | _Raw]":
    parts: list[Json | _Raw] = [_Raw("{")]
    for place, (name, state) in enumerate(states.items()):
        parts += [_Raw((",\n" if place else "\n") + _dumped(name) + ":"), state]
    return [*parts, _Raw("\n}")]


def _dumped(value: Json) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False)


def _scope(scope: Scope) -> dict[str, Json]:
    return {"StartAt": scope.start, "States": {state.name: _state(state) for state in scope.states}}


def _state(state: State) -> dict[str, Json]:
    match state:
        case Task():
            return _task(state)
        case Choice():
            rule: Json = {"Condition": expression(state.condition), "Next": state.then}
            return {"Type": "Choice", "Choices": [rule], "Default": state.otherwise}
        case Pass():
            return {"Type": "Pass", **_next(state.next)}
        case Parallel():
            branches: Json = [_scope(branch) for branch in state.branches]
            return {"Type": "Parallel", "Branches": branches, "Output": {}, **_next(state.next)}
        case Map():
            return {
                "Type": "Map",
                "Items": state.items,
                "MaxConcurrency": state.concurrency,
                "ItemProcessor": {"ProcessorConfig": {"Mode": "INLINE"}, **_scope(state.each)},
                **({"Assign": state.assign} if state.assign else {}),
                "Output": {},
                **({"Catch": [_catch(state.catch)]} if state.catch else {}),
                **_next(state.next),
            }
        case Succeed():
            return {"Type": "Succeed"}
        case Fail():
            return {"Type": "Fail", "Error": state.error, "Cause": state.cause}


def _task(task: Task) -> dict[str, Json]:
    found: dict[str, Json] = {"Type": "Task", "Resource": task.resource, "Arguments": task.arguments}
    if task.assign:
        found["Assign"] = task.assign
    found |= {"Output": task.output, "TimeoutSeconds": task.timeout_s}
    if task.heartbeat_s is not None:
        found["HeartbeatSeconds"] = task.heartbeat_s
    if task.retry:
        found["Retry"] = [_retry(retry) for retry in task.retry]
    if task.catch:
        found["Catch"] = [_catch(task.catch)]
    return found | _next(task.next)


def _catch(catch: Catch) -> Json:
    assigned = {"Assign": catch.assign} if catch.assign else {}
    return {"ErrorEquals": ["States.ALL"], **assigned, "Output": catch.output, "Next": catch.next}


def _retry(retry: Retry) -> Json:
    found: dict[str, Json] = {
        "ErrorEquals": list(retry.errors),
        "IntervalSeconds": retry.interval_s,
        "MaxAttempts": retry.attempts,
        "BackoffRate": float(retry.backoff),
    }
    if retry.cap_s > retry.interval_s:
        found["MaxDelaySeconds"] = retry.cap_s
    if retry.jitter:
        found["JitterStrategy"] = "FULL"
    return found


def _next(name: str | None) -> dict[str, Json]:
    return {"End": True} if name is None else {"Next": name}
