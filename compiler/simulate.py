"""Runs a compiled machine in pure Python, in virtual time, with given seconds and failures: who ran, when, who did not.

The machine is the one that is deployed, and its first state is answered by the code that runs in AWS; only the claim is
not taken. The other tasks take the seconds that the graph or the caller says, and fail where the caller says.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Any, Literal

from compiler import interpret, lower, states
from compiler.graph import Graph, Unit
from compiler.interpret import Attempt, Execution
from compiler.simulate_worker import RUNNING, Failing, Role, SimulatedWorker, failing, roles

__all__ = ["Bar", "Drive", "Failing", "Simulation", "failing", "simulate"]

End = Literal["ran", "failed", "aborted", "passed over", "not started"]
SAME_S = 1e-6


@dataclass(frozen=True)
class Bar:
    """One try of one task. Seconds since the start; `unit` is empty for the first and the last state of the machine.

    `critical`: nothing would have ended later had it taken less time, up to there. `waited_for` is the unit whose end
    let this one start, `added` says that it does not depend on it: the plan's nesting made it wait.
    """

    unit: str
    state: str
    start: float
    end: float
    outcome: str
    error: str
    retry: int
    redrive: int
    item: int | None
    critical: bool = False
    waited_for: str = ""
    added: bool = False


@dataclass(frozen=True)
class Drive:
    """The execution up to its first end, or from one redrive to the next end. `ran` are the units that succeeded."""

    start: float
    end: float
    status: str
    error: str
    cause: str
    ran: tuple[str, ...]


@dataclass(frozen=True)
class Simulation:
    """What came of it. Seconds. `assets`: key -> how it ended; `selected` as the plan step answered."""

    machine: str
    status: str
    error: str
    cause: str
    seconds: float
    transitions: int
    events: int
    selected: tuple[str, ...]
    assets: Mapping[str, End]
    units: Mapping[str, End]
    bars: tuple[Bar, ...]
    drives: tuple[Drive, ...]
    critical: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def simulate(
    machine: str | Mapping[str, Any],
    graph: Graph,
    durations: Mapping[str, float] | None = None,
    failures: Iterable[Failing] = (),
    *,
    select: str | None = None,
    partition: str | None = None,
    redrive: bool = False,
    now: datetime = interpret.BEGAN,
) -> Simulation:
    """Runs the machine (ASL) that was lowered from the fused `graph`; with `redrive` goes on once where it stopped.

    `durations`: seconds by unit, asset or state; what is not named takes the graph's. A failure without a number of
    times is mended by the redrive. `now` (aware) decides which partitions there are. Raises `Refused` for a failure of
    something that is not there.
    """
    given = {name: value for name, value in (("partition", partition), ("select", select)) if value is not None}
    worker = SimulatedWorker(graph, durations or {}, failures, now)
    first = interpret.run(machine, given, worker, name="simulation", machine_name=graph.machine.name, began=now)
    executions = [first]
    if redrive and first.status != "SUCCEEDED":
        worker.redriven = True
        executions.append(interpret.redrive(first, worker, began=now))
    return _told(graph, executions, worker.selected, roles(graph, durations or {}))


def _told(
    graph: Graph, executions: Sequence[Execution], selected: tuple[str, ...], known: Mapping[str, Role]
) -> Simulation:
    last = executions[-1]
    units = _unit_ends(graph, last)
    tries = sorted(last.attempts, key=lambda each: each.start)
    bars = _marked(graph, _asked_once([_bar(each, known) for each in tries]))
    return Simulation(
        machine=graph.machine.name,
        status=last.status,
        error=last.error,
        cause=last.cause,
        seconds=last.end,
        transitions=last.transitions,
        events=last.events,
        selected=selected,
        assets={
            asset.key: _asset_end(units[asset.unit], asset.key, selected)
            for asset in graph.assets
            if asset.unit in units
        },
        units=units,
        bars=bars,
        drives=tuple(_drives(graph, executions)),
        critical=tuple(dict.fromkeys(bar.unit for bar in bars if bar.critical and bar.unit)),
    )


def _unit_ends(graph: Graph, execution: Execution) -> dict[str, End]:
    """Unit -> how it had ended when the execution ended."""
    exited: set[str] = set()
    last: dict[str, str] = {}
    for event in execution.history:
        last[event.state] = event.type
        if event.type.endswith("StateExited"):
            exited.add(event.state)
    outcomes: dict[str, set[str]] = {}
    for each in execution.attempts:
        outcomes.setdefault(each.state, set()).add(each.outcome)
    return {unit.name: _unit_end(graph, unit, exited, last, outcomes) for unit in graph.units if unit.on == "run"}


def _unit_end(
    graph: Graph, unit: Unit, exited: set[str], last: Mapping[str, str], outcomes: Mapping[str, set[str]]
) -> End:
    work = lower.work_states(graph, unit, None)
    if work[-1].name in exited:
        return "ran"
    if states.state_name(unit.name, "passed over") in exited:
        return "passed over"
    names = {state.name for state in work} | {item for state in work for item in _items(state)}
    tried = set().union(*(outcomes.get(name, set()) for name in names))
    if not tried:
        return "not started"
    cut = any(last.get(state.name, "").endswith("Aborted") for state in work)
    return "aborted" if cut or not tried & {"failed", "timed out"} else "failed"


def _items(state: states.State) -> tuple[str, ...]:
    return tuple(each.name for each in state.each.states) if isinstance(state, states.Map) else ()


def _asset_end(unit: End, key: str, selected: tuple[str, ...]) -> End:
    return unit if key in selected or not selected else "passed over"


def _bar(each: Attempt, known: Mapping[str, Role]) -> Bar:
    unit = known[each.state].unit if each.state in known else ""
    return Bar(
        unit=unit,
        state=each.state,
        start=each.start,
        end=each.end,
        outcome=each.outcome,
        error=each.error,
        retry=each.retry,
        redrive=each.redrive,
        item=each.item,
    )


def _asked_once(bars: list[Bar]) -> list[Bar]:
    """The bars with the questions after a running statement put together: one bar from the first to the last."""
    found: list[Bar] = []
    open_at: dict[tuple[str, int], int] = {}
    for bar in bars:
        place = open_at.pop((bar.state, bar.redrive), None)
        if place is not None:
            bar = replace(bar, start=found[place].start, retry=found[place].retry)
        running = bar.error == RUNNING
        if running:
            bar = replace(bar, outcome="aborted", error="")
            open_at[bar.state, bar.redrive] = len(found) if place is None else place
        if place is None:
            found.append(bar)
        else:
            found[place] = bar
    return found


def _marked(graph: Graph, bars: list[Bar]) -> tuple[Bar, ...]:
    """The bars with what each waited for, and with the chain that the end waited for marked."""
    ends = sorted((bar.end, place) for place, bar in enumerate(bars))
    before = [_before(graph, bars, ends, place) for place in range(len(bars))]
    critical: set[int] = set()
    last = max(
        range(len(bars)), key=lambda place: (bars[place].end, bars[place].outcome != "aborted", place), default=None
    )
    while last is not None and last not in critical:
        critical.add(last)
        last = before[last]
    marked = []
    for place, (bar, other) in enumerate(zip(bars, before, strict=True)):
        waited = bars[other].unit if other is not None and bars[other].unit != bar.unit else ""
        added = bool(waited and bar.unit) and (waited, bar.unit) not in graph.edges
        marked.append(replace(bar, critical=place in critical, waited_for=waited, added=added))
    return tuple(marked)


def _before(graph: Graph, bars: list[Bar], ends: list[tuple[float, int]], place: int) -> int | None:
    """The bar whose end let this one start: of those that ended last, one that it depends on before others."""
    bar = bars[place]
    near: list[int] = []
    for end, other in reversed(ends[: bisect_right(ends, (bar.start + SAME_S, len(bars)))]):
        if near and end < bars[near[0]].end - SAME_S:
            break
        if (bars[other].start, other) < (bar.start, place):
            near.append(other)
    needed = [(bars[each].unit == bar.unit, (bars[each].unit, bar.unit) in graph.edges, each) for each in near]
    return max(needed)[2] if needed else None


def _drives(graph: Graph, executions: Sequence[Execution]) -> Iterable[Drive]:
    before: set[str] = set()
    start = 0.0
    for execution in executions:
        done = {name for name, end in _unit_ends(graph, execution).items() if end == "ran"}
        yield Drive(
            start, execution.end, execution.status, execution.error, execution.cause, tuple(sorted(done - before))
        )
        before, start = before | done, execution.end
