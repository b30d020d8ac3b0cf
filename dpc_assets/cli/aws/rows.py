"""An execution as rows, one a unit: its state, when, how often tried, how far, what went wrong. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from dpc_assets.cli.aws.outline import Unit
from dpc_assets.cli.aws.visits import Visit, visits
from dpc_assets.steps.failures import Event

WAITING = "waiting"
RUNNING = "running"
RETRYING = "retrying"
SUCCEEDED = "succeeded"
PASSED = "passed over"
FAILED = "failed"
ABORTED = "aborted"
NOT_REACHED = "not reached"

EXECUTION_RUNNING = ("RUNNING", "PENDING_REDRIVE")


@dataclass(frozen=True)
class Row:
    """`state` is one of the constants above. `step`: the state of the machine that it stands at. `tries`: calls of the
    state that took most of them (1: every call went well at once). `done` of `items`: of its map, None where it has
    none. `said` is the error's text. `children`: executions that it started. `artifacts`: where its
    container left what it made."""

    unit: str
    state: str
    step: str = ""
    started: datetime | None = None
    ended: datetime | None = None
    tries: int = 0
    done: int | None = None
    items: int | None = None
    error: str = ""
    said: str = ""
    children: tuple[str, ...] = ()
    artifacts: str = ""

    def seconds(self, now: datetime) -> float | None:
        """How long it took, or has taken until `now`."""
        return ((self.ended or now) - self.started).total_seconds() if self.started else None


def rows(units: Sequence[Unit], history: Sequence[Event], status: str) -> tuple[Row, ...]:
    """The rows of an execution whose status is `status`, in the order of the machine."""
    newest: dict[tuple[str, int, int | None], Visit] = {}
    for visit in visits(history):
        newest[visit.name, id(visit.inside), visit.item] = visit
    found = tuple(newest.values())
    return tuple(_row(unit, [visit for visit in found if visit.name in unit.states], found, status) for unit in units)


def _row(unit: Unit, own: Sequence[Visit], every: Collection[Visit], status: str) -> Row:
    going_on = status in EXECUTION_RUNNING
    if not own:
        passed = unit.passed and any(visit.name == unit.passed for visit in every)
        return Row(unit.name, PASSED if passed else WAITING if going_on else NOT_REACHED)
    state, wrong = _state(unit, own, going_on)
    ends = [visit.ended for visit in own]
    maps = [visit for visit in own if visit.size is not None]
    return Row(
        unit.name,
        state,
        "" if state == SUCCEEDED else _step(unit, own, wrong),
        min(visit.entered for visit in own),
        None if state in (RUNNING, RETRYING, WAITING) else max((end for end in ends if end), default=None),
        max(visit.tries for visit in own),
        sum(len(visit.done - _caught_in(visit, own)) for visit in maps) if maps else None,
        sum(visit.size or 0 for visit in maps) if maps else None,
        wrong.error if wrong else "",
        wrong.said if wrong else "",
        tuple(dict.fromkeys(arn for visit in own for arn in visit.children)),
        next((visit.artifacts for visit in own if visit.artifacts), ""),
    )


def _state(unit: Unit, own: Sequence[Visit], going_on: bool) -> tuple[str, Visit | None]:
    """The unit's state, and the visit whose error is told."""
    wrong = next((visit for visit in own if visit.error and not visit.caught), None)
    caught = next((visit for visit in own if visit.caught), None)
    complete = any(visit.name in unit.last and visit.exited for visit in own)
    if wrong is not None:
        return (RETRYING if going_on else FAILED), wrong
    if complete:
        return (FAILED if caught else SUCCEEDED), caught
    if any(visit.aborted for visit in own) or not going_on:
        return ABORTED, caught
    if any(not visit.resumed for visit in own) and all(visit.exited or not visit.resumed for visit in own):
        return WAITING, None
    return RUNNING, caught


def _caught_in(map_: Visit, own: Sequence[Visit]) -> set[int]:
    """Iterations of a map that ended well only because what failed in them was caught."""
    return {visit.item for visit in own if visit.caught and visit.inside is map_ and visit.item is not None}


def _step(unit: Unit, own: Sequence[Visit], wrong: Visit | None) -> str:
    """Where it stands, without the unit's own name: `normalize each`; "" where its one state has that name."""
    at = wrong or next((visit for visit in own if visit.exited is None), own[-1])
    while at.inside is not None and at.inside in own and wrong is None:
        at = at.inside
    return at.name.removeprefix(unit.name).lstrip(": ") if at.name != unit.name else ""
