"""Each time that a state was entered, and what became of it, read from an execution's history. Pure.

An event says its state only where the state is entered or left; every other event belongs to the state of the event
before it (previousEventId). Source: Step Functions API Reference, GetExecutionHistory and HistoryEvent. How AWS links
the first event of a state after ExecutionRedriven is in none of its pages: a call that follows no event of its state is
given to the state that was left unfinished and made the most similar call.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from dpc_assets.steps.failures import Event, told

_FAILED = ("Failed", "TimedOut")
_WHOLE = ("Execution", "Map", "Parallel")
_OF_THE_EXECUTION = "Execution"
_ARTIFACTS = re.compile(r"^artifacts: (s3://\S+)$", re.MULTILINE)


@dataclass
class Visit:
    """One time in one state. `item`: place among the iterations of the map around it. `tries`: calls made, each retry
    and redrive one more. `error`: what the newest try failed with, "" where it did not (yet). `caught`: it failed and
    was left all the same. `size`, `done`: iterations of a map, all and succeeded. `children`: executions it started.
    `artifacts`: the folder that the newest call says it left its artifacts in, "" where none does.
    """

    name: str
    entered: datetime
    inside: Visit | None
    item: int | None = None
    exited: datetime | None = None
    ended: datetime | None = None
    tries: int = 0
    error: str = ""
    said: str = ""
    aborted: bool = False
    size: int | None = None
    done: set[int] = field(default_factory=set)
    children: list[str] = field(default_factory=list)
    artifacts: str = ""
    called: tuple[str, str, str] = ("", "", "")
    resumed: bool = True

    @property
    def caught(self) -> bool:
        return bool(self.error) and self.exited is not None


def visits(history: Sequence[Event]) -> tuple[Visit, ...]:
    """Every visit in the order in which states were entered. `history`: all events, oldest first."""
    reader = _Reader()
    for event in history:
        reader.take(event)
    return tuple(reader.visits)


def selected(history: Sequence[Event]) -> tuple[str, ...] | None:
    """Keys of the assets that the execution runs, as its first state answered them; None where none has (yet)."""
    for event in history:
        answer = _json_object(event.get("taskSucceededEventDetails", {}).get("output")).get("Payload")
        keys = answer.get("selected") if isinstance(answer, dict) else None
        if isinstance(keys, list):
            return tuple(map(str, keys))
    return None


class _Reader:
    """Takes events one by one. `at`: the visit that each event belongs to; None for what belongs to the execution."""

    def __init__(self) -> None:
        self.visits: list[Visit] = []
        self._at: dict[int, Visit | None] = {}
        self._known: dict[int, Event] = {}
        self._items: dict[int, int] = {}

    def take(self, event: Event) -> None:
        kind, number = str(event["type"]), int(event["id"])
        self._known[number] = event
        before = self._at.get(int(event.get("previousEventId") or 0))
        if kind.startswith(_OF_THE_EXECUTION):
            self._at[number] = self._of_the_execution(kind, event, before)
        elif kind.endswith("StateEntered"):
            self._at[number] = self._entered(event, before)
        else:
            visit = self._owner(kind, event, before)
            self._at[number] = visit
            if visit is not None:
                self._happened(visit, kind, event)
        if kind == "MapIterationStarted":
            self._items[number] = int(_details(event).get("index", 0))

    def _of_the_execution(self, kind: str, event: Event, before: Visit | None) -> Visit | None:
        if kind == "ExecutionRedriven":
            for visit in self.visits:
                if visit.exited is None:
                    visit.error, visit.said, visit.aborted, visit.ended = "", "", False, None
                    visit.resumed = False
            return None
        if kind != "ExecutionStarted":
            for visit in self.visits:
                if visit.exited is None and visit.ended is None:
                    visit.ended = event["timestamp"]
        return before

    def _entered(self, event: Event, before: Visit | None) -> Visit:
        previous = self._known.get(int(event.get("previousEventId") or 0))
        opens = previous is not None and str(previous["type"]).endswith(("IterationStarted", "ParallelStateStarted"))
        inside = before if opens or before is None else before.inside
        item = self._items.get(int(event.get("previousEventId") or 0))
        if item is None and before is not None and inside is before.inside:
            item = before.item
        name = str(_details(event).get("name", ""))
        again = next((each for each in self.visits if each.name == name and not each.resumed), None)
        if before is None and again is not None:
            inside, item, again.resumed = again.inside, again.item, True
        visit = Visit(name, event["timestamp"], inside, item)
        self.visits.append(visit)
        return visit

    def _owner(self, kind: str, event: Event, before: Visit | None) -> Visit | None:
        """The visit of an event that is no entry: the nearest around `before` that the event can be of."""
        details = _details(event)
        if kind.endswith("StateExited") or kind.startswith("MapIteration"):
            return _around(before, lambda visit: visit.name == details.get("name")) or before
        previous = int(event.get("previousEventId") or 0)
        if kind.endswith("Scheduled") and not self._calls(previous):
            return self._resumed(details, self._items.get(previous)) or before
        if kind.startswith("MapState") and kind != "MapStateStarted":
            return _around(before, lambda visit: visit.size is not None) or before
        if before is not None and kind.startswith("ParallelState") and kind != "ParallelStateStarted":
            return before.inside or before
        return before

    def _calls(self, number: int) -> bool:
        """Whether a call may follow the event in the same state: else a redrive goes on with a state left earlier."""
        kind = str(self._known.get(number, {}).get("type", ""))
        return not kind.endswith(("Redriven", "IterationStarted", "ParallelStateStarted", "StateExited"))

    def _resumed(self, details: Mapping[str, Any], item: int | None) -> Visit | None:
        """Where a redrive goes on: of the states left unfinished (there) the one of the most similar call."""
        called = _called(details)
        open_ = [visit for visit in self.visits if not visit.resumed and item in (None, visit.item)]
        for parts in (3, 2, 1):
            for visit in open_:
                if visit.called[:parts] == called[:parts]:
                    return visit
        return None

    def _happened(self, visit: Visit, kind: str, event: Event) -> None:
        details = _details(event)
        if kind.endswith("Scheduled"):
            visit.tries += 1
            visit.error, visit.said, visit.ended = "", "", None
            visit.called = _called(details)
            for each in _outwards(visit):
                each.resumed = True
        elif kind.endswith("StateExited"):
            visit.exited = visit.ended = event["timestamp"]
        elif kind.endswith("StateAborted"):
            visit.aborted, visit.ended = True, event["timestamp"]
        elif kind == "MapStateStarted":
            visit.size = int(details.get("length", 0))
        elif kind == "MapIterationSucceeded":
            visit.done.add(int(details.get("index", 0)))
        elif kind.endswith(_FAILED) and not kind.startswith(_WHOLE):
            default = "States.Timeout" if kind.endswith("TimedOut") else "States.TaskFailed"
            visit.error, visit.said = _told(str(details.get("error") or default), str(details.get("cause") or ""))
            visit.ended = event["timestamp"]
        visit.artifacts = _artifacts(details) or visit.artifacts
        visit.children += [arn for arn in _executions(details) if arn not in visit.children]


def _outwards(visit: Visit | None) -> Iterator[Visit]:
    """The visit and those that it is inside of."""
    while visit is not None:
        yield visit
        visit = visit.inside


def _around(visit: Visit | None, fits: Callable[[Visit], bool]) -> Visit | None:
    return next((each for each in _outwards(visit) if fits(each)), None)


def _details(event: Event) -> Mapping[str, Any]:
    return next((value for name, value in event.items() if name.endswith("EventDetails")), {})


def _called(details: Mapping[str, Any]) -> tuple[str, str, str]:
    """Resource, function, and the rest of the call without the context object, which counts retries and redrives."""
    resource = f"{details.get('resourceType', '')}:{details.get('resource', '')}"
    text = str(details.get("parameters") or details.get("input") or "")
    given = _json_object(text)
    payload = given.get("Payload")
    if isinstance(payload, dict):
        given = {**given, "Payload": {name: value for name, value in payload.items() if name != "context"}}
    return resource, str(given.get("FunctionName", "")), json.dumps(given, sort_keys=True)


def _told(error: str, cause: str) -> tuple[str, str]:
    """Error and text for a person; of an execution that failed its name, status and error instead of its whole JSON."""
    answer = _json_object(cause)
    if "ExecutionArn" not in answer:
        return told(error, cause)
    name = str(answer.get("Name") or str(answer["ExecutionArn"]).rpartition(":")[2])
    ended = f"{name} {answer.get('Status', '')} {answer.get('Error', '')}"
    return error, " ".join(ended.split())


def _json_object(text: object) -> dict[str, Any]:
    """The object in a text; an empty one where it holds none."""
    try:
        found = json.loads(str(text or ""))
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _artifacts(details: Mapping[str, Any]) -> str:
    """What the answer of a container names, or the last line of its failure: `artifacts: s3://bucket/folder/`."""
    named = _json_object(details.get("output")).get("artifacts")
    found = _ARTIFACTS.search(str(details.get("cause") or ""))
    return str(named or (found[1] if found else ""))


def _executions(details: Mapping[str, Any]) -> list[str]:
    """The execution that a call of states:startExecution started, as its answer or its failure names it."""
    if not f"{details.get('resourceType')}:{details.get('resource')}".startswith("states:startExecution"):
        return []
    answers = (_json_object(details.get(name)) for name in ("output", "cause"))
    return [str(answer["ExecutionArn"]) for answer in answers if answer.get("ExecutionArn")]
