"""Which states of an execution failed for good, read from its history. Pure: events in, failures out."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Event = Mapping[str, Any]

_FAILED = ("Failed", "TimedOut", "StartFailed", "SubmitFailed", "ScheduleFailed")
_WHOLE = ("Execution", "Map", "Parallel")
"""Events of these fail because something inside them did."""

_ITEM_CHARACTERS = 200

_DOCUMENT = re.compile(r'\{"errorMessage":\s*("(?:[^"\\]|\\.)*")')
"""The beginning of what Lambda answers for an error."""


@dataclass(frozen=True)
class Failure:
    """`state`: name in the machine, the asset's or the unit's. `item`: of a map, "" elsewhere. `said`: for a person."""

    state: str
    error: str
    said: str
    item: str = ""


def failures(history: Sequence[Event]) -> tuple[Failure, ...]:
    """Failures that neither a retry nor a catch took up, since the last redrive, in the order of the machine.

    An error raised by a state itself (a Fail state, an expression that cannot be evaluated) stands in ExecutionFailed.
    """
    since = max((each["id"] for each in history if each["type"] == "ExecutionRedriven"), default=0)
    known = {each["id"]: each for each in history}
    taken_up = {
        each.get("previousEventId")
        for each in history
        if each["type"].endswith(("Scheduled", "StateExited")) and each["id"] > since
    }
    found = [
        _failure(each, known) for each in history if each["id"] > since and each["id"] not in taken_up and _failed(each)
    ]
    whole = [_whole(each) for each in history if each["type"] == "ExecutionFailed" and each["id"] > since]
    return tuple(found or whole[-1:])


def _failed(event: Event) -> bool:
    return event["type"].endswith(_FAILED) and not event["type"].startswith(_WHOLE)


def _failure(event: Event, known: Mapping[int, Event]) -> Failure:
    details = _details(event)
    entered = next((each for each in _before(event, known) if each["type"].endswith("StateEntered")), {})
    state = entered.get("stateEnteredEventDetails", {})
    default = "States.Timeout" if event["type"].endswith("TimedOut") else "States.TaskFailed"
    error, said = told(str(details.get("error") or default), str(details.get("cause") or ""))
    item = str(state.get("input", ""))[:_ITEM_CHARACTERS] if _inside_map(event, known) else ""
    return Failure(str(state.get("name", "")), error, said, item)


def _whole(event: Event) -> Failure:
    details = _details(event)
    error, said = told(str(details.get("error") or ""), str(details.get("cause") or ""))
    return Failure("", error, said)


def _inside_map(event: Event, known: Mapping[int, Event]) -> bool:
    """Whether the event stands in an iteration; the chain behind it also leads through maps that were left before."""
    left = 0
    for each in _before(event, known):
        if each["type"] == "MapStateExited":
            left += 1
        elif each["type"] == "MapStateEntered":
            left -= 1
        elif each["type"] == "MapIterationStarted" and left == 0:
            return True
    return False


def _before(event: Event, known: Mapping[int, Event]) -> Iterator[Event]:
    """The events that led to this one, the nearest first."""
    while event := known.get(event.get("previousEventId") or 0, {}):
        yield event


def _details(event: Event) -> Mapping[str, Any]:
    return next((value for name, value in event.items() if name.endswith("EventDetails")), {})


def told(error: str, cause: str) -> tuple[str, str]:
    """Error and cause for a person: of a function's cause (JSON of Lambda) its message, without the stack trace.

    A cause that tells of others holds such documents inside, of which the last may break off.
    """
    try:
        inside = json.loads(cause)
    except ValueError:
        return error, _without_documents(cause)
    if not isinstance(inside, dict) or "errorMessage" not in inside:
        return error, cause
    return str(inside.get("errorType") or error), str(inside["errorMessage"])


def _without_documents(text: str) -> str:
    """Each document of a function's error replaced by its message."""
    said, rest = "", text
    while found := _DOCUMENT.search(rest):
        said += rest[: found.start()] + str(json.loads(found[1], strict=False))
        try:
            _, end = json.JSONDecoder(strict=False).raw_decode(rest, found.start())
        except ValueError:
            return said
        rest = rest[end:]
    return said + rest
