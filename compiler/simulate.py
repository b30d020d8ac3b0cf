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
from compiler.simulate_worker import Failing, Role, SimulatedWorker, failing, roles

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
    units = {unit.name: _unit_end(graph, unit, last) for unit in graph.units if unit.on == "run"}
    bars = _marked(graph, [_bar(each, known) for each in sorted(last.attempts, key=lambda each: each.start)])
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


def _unit_end(graph: Graph, unit: Unit, execution: Execution) -> End:
    """How a unit ended in the execution's last drive."""
    work = [state.name for state in lower.work_states(graph, unit, None)]
    inner = {item for state in lower.work_states(graph, unit, None) for item in _items(state)}
    events = [
        event for event in execution.history if event.state in {*work, states.state_name(unit.name, "passed over")}
    ]
    exited = {event.state for event in events if event.type.endswith("StateExited")}
    if work[-1] in exited:
        return "ran"
    if exited - set(work):
        return "passed over"
    tries = [each for each in execution.attempts if each.state in {*work, *inner}]
    if not tries:
        return "not started"
    if events and events[-1].type.endswith("Aborted"):
        return "aborted"
    return "failed" if any(each.outcome in ("failed", "timed out") for each in tries) else "aborted"


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


def _marked(graph: Graph, bars: list[Bar]) -> tuple[Bar, ...]:
    """The bars with what each waited for, and with the chain that the end waited for marked."""
    ends = sorted((bar.end, place) for place, bar in enumerate(bars))
    before = [_before(graph, bars, ends, place) for place in range(len(bars))]
    critical: set[int] = set()
    last = max(range(len(bars)), key=lambda place: (bars[place].end, place), default=None)
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
        done = {unit.name for unit in graph.units if unit.on == "run" and _unit_end(graph, unit, execution) == "ran"}
        yield Drive(
            start, execution.end, execution.status, execution.error, execution.cause, tuple(sorted(done - before))
        )
        before, start = before | done, execution.end
