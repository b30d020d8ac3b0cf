"""What a run takes and costs: transitions, history events, bytes, USD. A full run in which nothing is tried again.

Prices are list prices of us-east-1 without the free tier, from the pricing pages of AWS Step Functions (standard
workflows) and AWS Lambda (x86); ap-northeast-1 has the same. The events of a state are the event types that the Step
Functions API reference gives under HistoryEvent: entered and exited for every state, and what happens in between.
"""

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from compiler import functions
from compiler.graph import ContainerStep, Function, Graph, LambdaStep, MapStep, StatementStep, Unit
from compiler.tree import Plan

USD_PER_TRANSITION = 0.025 / 1000
USD_PER_REQUEST = 0.20 / 1_000_000
USD_PER_GB_S = 0.0000166667
USD_PER_STORAGE_GB_S = 0.0000000309
"""Ephemeral storage above the 512 MB that every function has."""
FREE_STORAGE_MB = 512

CONTROL_S = 1.0
"""Assumed for calls without a declared duration: the first and the last state, checks, asking for a statement."""

EVENTS = {"Task": 5, "Parallel": 4, "Map": 4, "Choice": 2, "Pass": 2, "Wait": 2, "Succeed": 2, "Fail": 1}
"""Task: entered, scheduled, started, succeeded, exited. Parallel and Map: entered, started, succeeded, exited."""
TOKEN_EVENTS = 1
"""TaskSubmitted, where a token is waited for."""
ITEM_EVENTS = 2
"""MapIterationStarted and MapIterationSucceeded."""
POLL_EVENTS = 3
"""Failed, scheduled, started: a state that asks again."""
EXECUTION_EVENTS = 2
DEAREST = 5
"""Units that the text names."""
HOLE = re.compile(r"\$\{[^}]*\}")
HOLE_BYTES = 100
"""Taken for what Terraform puts into a hole: a long ARN."""


@dataclass(frozen=True)
class UnitCost:
    """One unit of a full run. `usd` is for its Lambda calls: not for containers, nor for work in a warehouse."""

    name: str
    assets: tuple[str, ...]
    seconds: float
    usd: float


@dataclass(frozen=True)
class Estimate:
    """A full run without retries. Bytes: as emitted, and with every hole filled by 100 bytes. `notes`: assumptions."""

    makespan_s: float
    critical_path_s: float
    transitions: int
    history_events: int
    definition_bytes: int
    filled_bytes: int
    usd_transitions: float
    usd_lambda: float
    runs_per_month: int
    units: tuple[UnitCost, ...]
    notes: tuple[str, ...]

    @property
    def usd_per_run(self) -> float:
        return self.usd_transitions + self.usd_lambda

    @property
    def usd_per_month(self) -> float:
        return self.usd_per_run * self.runs_per_month

    def to_json(self) -> dict[str, Any]:
        """All of it, with the two sums."""
        return {**asdict(self), "usd_per_run": self.usd_per_run, "usd_per_month": self.usd_per_month}

    def rows(self) -> tuple[tuple[str, str], ...]:
        """(label, value) for a person."""
        ratio = self.makespan_s / self.critical_path_s if self.critical_path_s else 1.0
        return (
            ("makespan", f"{self.makespan_s:,.1f} s"),
            ("critical path", f"{self.critical_path_s:,.1f} s (ratio {ratio:.3f})"),
            ("transitions", f"{self.transitions:,}"),
            ("history events", f"{self.history_events:,} of 25,000"),
            ("definition", f"{self.definition_bytes:,} bytes ({self.filled_bytes:,} with holes filled) of 1,048,576"),
            ("USD per run", f"{self.usd_per_run:.6f} (transitions {self.usd_transitions:.6f})"),
            ("USD per month", f"{self.usd_per_month:.4f} ({self.runs_per_month:,} runs)"),
        )

    def text(self) -> str:
        """The rows, the assets that cost most, and what is assumed."""
        dear = sorted(self.units, key=lambda unit: (-unit.usd, unit.name))[:DEAREST]
        listed = {
            "costs most": [f"{unit.usd:.6f}  {unit.name} ({unit.seconds:,.1f} s)" for unit in dear if unit.usd],
            "assumed": list(self.notes),
        }
        rows = list(self.rows())
        for label, lines in listed.items():
            rows += [("" if place else label, line) for place, line in enumerate(lines)]
        width = max(len(label) for label, _ in rows)
        return "\n".join(f"{label:<{width}}  {value}".rstrip() for label, value in rows)


def estimate(machine: Mapping[str, Any], graph: Graph, plan: Plan) -> Estimate:
    """The estimate of a machine (ASL as a dict) that was lowered from `graph` and `plan`.

    A Choice counts the branch with more events; a Map is counted with as many items as it runs at a time; a unit's
    seconds are shared equally by its steps.
    """
    units = [unit for unit in graph.units if unit.on == "run"]
    polls = sum(_polls(unit) for unit in units)
    events, transitions = _scope(machine)
    events += EXECUTION_EVENTS + POLL_EVENTS * polls
    transitions += polls
    text = json.dumps(machine, ensure_ascii=False, separators=(",", ":"))
    holes = HOLE.findall(text)
    size = len(text.encode())
    costs = tuple(UnitCost(unit.name, unit.keys, unit.duration_s, _usd(graph, unit)) for unit in units)
    control = _function(functions.plan_function(graph.machine), CONTROL_S)
    if graph.machine.finish:
        control += _function(graph.machine.finish, CONTROL_S)
    return Estimate(
        makespan_s=plan.makespan_s,
        critical_path_s=plan.critical_path_s,
        transitions=transitions,
        history_events=events,
        definition_bytes=size,
        filled_bytes=size + sum(HOLE_BYTES - len(hole.encode()) for hole in holes),
        usd_transitions=transitions * USD_PER_TRANSITION,
        usd_lambda=control + sum(cost.usd for cost in costs),
        runs_per_month=graph.machine.expected_runs_per_month,
        units=costs,
        notes=tuple(_notes(units)),
    )


def _notes(units: list[Unit]) -> Iterator[str]:
    steps = [step for unit in units for step in unit.steps]
    yield "all assets selected, nothing tried again; list prices without the free tier"
    if any(check.function for unit in units for check in unit.checks):
        yield f"every check that is a state of its own takes {CONTROL_S:.0f} s"
    if any(isinstance(step, MapStep) for step in steps):
        yield "every map has as many items as it runs at a time, and all of them are busy for the asset's seconds"
    if any(isinstance(step, StatementStep) for step in steps):
        yield "statements: the calls that ask for them, not what the warehouse costs"
    if any(isinstance(step, ContainerStep) for step in steps):
        yield "containers: not in the USD, because vCPU and memory stand in the task definition"


def _scope(scope: Mapping[str, Any]) -> tuple[int, int]:
    """(history events, transitions) of the longest way through a scope; no state is counted twice."""
    states: Mapping[str, Any] = scope["States"]
    most: dict[str, tuple[int, int]] = {}
    opened: set[str] = set()
    waiting: list[str] = [scope["StartAt"]]
    while waiting:
        name = waiting[-1]
        following = [other for other in _following(states[name]) if other in states]
        if name not in opened:
            opened.add(name)
            waiting += [other for other in following if other not in opened]
            continue
        waiting.pop()
        if name not in most:
            events, transitions = _state(states[name])
            rest = max((most[other] for other in following if other in most), default=(0, 0))
            most[name] = (events + rest[0], transitions + rest[1])
    return most[scope["StartAt"]]


def _following(state: Mapping[str, Any]) -> list[str]:
    named = [state.get("Next"), state.get("Default"), *(choice.get("Next") for choice in state.get("Choices", ()))]
    return [name for name in named if name]


def _state(state: Mapping[str, Any]) -> tuple[int, int]:
    events, transitions = EVENTS[state["Type"]], 1
    if str(state.get("Resource", "")).endswith(".waitForTaskToken"):
        events += TOKEN_EVENTS
    inner = [_scope(branch) for branch in state.get("Branches", ())]
    if "ItemProcessor" in state:
        items = int(state.get("MaxConcurrency") or 1)
        item = _scope(state["ItemProcessor"])
        inner = [(item[0] + ITEM_EVENTS, item[1])] * items
    return events + sum(each[0] for each in inner), transitions + sum(each[1] for each in inner)


def _polls(unit: Unit) -> int:
    """How often the unit's statements are asked for again."""
    share = unit.duration_s / max(1, len(unit.steps))
    return sum(math.ceil(share / step.poll_s) for step in unit.steps if isinstance(step, StatementStep))


def _usd(graph: Graph, unit: Unit) -> float:
    """USD of the unit's Lambda calls, its seconds shared equally by its steps."""
    share = unit.duration_s / max(1, len(unit.steps))
    usd = sum(_function(check.function, CONTROL_S) for check in unit.checks if check.function)
    for step in unit.steps:
        match step:
            case LambdaStep(function):
                usd += _function(function, share)
            case MapStep():
                usd += _function(step.items, CONTROL_S) + step.concurrency * _function(step.each, share)
            case StatementStep():
                calls = 1 + math.ceil(share / step.poll_s)
                usd += calls * _function(functions.statement_function(graph.machine), CONTROL_S)
            case ContainerStep():
                pass
    return usd


def _function(function: Function, seconds: float) -> float:
    seconds = min(seconds, function.timeout_s)
    storage = max(0, function.ephemeral_mb - FREE_STORAGE_MB) / 1024 * USD_PER_STORAGE_GB_S
    return USD_PER_REQUEST + seconds * (function.memory_mb / 1024 * USD_PER_GB_S + storage)
