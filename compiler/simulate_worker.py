"""What answers the tasks of a compiled machine in a simulation: the real plan step, and given seconds for the rest."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from typing import Any

from compiler import lower, selection_graph, states
from compiler.errors import Problem, Refused
from compiler.graph import Graph, MapStep, StatementStep, Unit
from compiler.interpret import Answer, Call, Failure, Silence
from compiler.runtime import plan_run
from compiler.runtime.errors import RuntimeFailure
from compiler.runtime.graph_file import from_json

STEP_FAILED = "StepFailed"
"""The error of a failure that names none."""

RUNNING = "StatementRunning"
NEVER_S = float("inf")
REST = re.compile(r"(?:=(?P<error>[A-Za-z][\w.]*?))?(?:[=x](?P<times>[0-9]+))?")
"""What may follow the key of a failure: `=Error`, `xN`, both, or `=N`."""


@dataclass(frozen=True)
class Failing:
    """What is to fail: a state, a unit or an asset; with which error; how many tries of it (None: all until a redrive).

    States.Timeout: the task does not end in time. States.HeartbeatTimeout: the container dies at once.
    """

    key: str
    error: str = STEP_FAILED
    times: int | None = None


@dataclass(frozen=True)
class Role:
    """What a task state is to the simulation. `main`: the state that fails where its unit is said to fail."""

    unit: str
    seconds: float
    items: int | None = None
    polled: bool = False
    main: bool = False


def roles(graph: Graph, durations: Mapping[str, float]) -> dict[str, Role]:
    """Task state -> role. Seconds of a unit are shared equally by its steps, as in the estimate; a state named in
    `durations` takes its own. Lists of items, checks, the first and the last state take no time."""
    found: dict[str, Role] = {}
    for unit in graph.units:
        if unit.on == "run":
            found |= _unit_roles(graph, unit, durations)
    return found


def _unit_roles(graph: Graph, unit: Unit, durations: Mapping[str, float]) -> dict[str, Role]:
    given = [durations[key] for key in unit.keys if key in durations]
    seconds = durations.get(unit.name, max(given, default=unit.duration_s)) / max(1, len(unit.steps))
    work = lower.work_states(graph, unit, None)
    found: dict[str, Role] = {}
    place = 0
    for step in unit.steps:
        state = work[place]
        if isinstance(step, MapStep):
            each = work[place + 1]
            assert isinstance(each, states.Map)
            found[state.name] = Role(unit.name, 0.0, items=step.concurrency)
            found[each.each.start] = Role(unit.name, seconds, main=True)
            place += 2
        else:
            found[state.name] = Role(unit.name, seconds, polled=isinstance(step, StatementStep), main=True)
            place += 1
    for check in work[place:]:
        found[check.name] = Role(unit.name, 0.0)
    last = [name for name, role in found.items() if role.main][-1:]
    return {
        name: Role(role.unit, durations.get(name, role.seconds), role.items, role.polled, name in last)
        for name, role in found.items()
    }


def failing(text: str, graph: Graph) -> Failing:
    """`KEY`, `KEY=Error`, `KEYx2`, `KEY=Errorx2` or `KEY=2` as typed; a key that exists is taken as it stands.

    Raises `Refused` where KEY is no asset, unit or state of the machine.
    """
    known = _targets(graph, roles(graph, {}))
    for cut in range(len(text), 0, -1):
        rest = REST.fullmatch(text[cut:])
        if text[:cut] in known and rest:
            return Failing(text[:cut], rest["error"] or STEP_FAILED, int(rest["times"]) if rest["times"] else None)
    near = get_close_matches(text, sorted(known), 5, 0.0)
    raise Refused([Problem("fail", text, f"no asset, unit or state is called so; there are {', '.join(near)}")])


def _targets(graph: Graph, known: Mapping[str, Role]) -> dict[str, str]:
    """State, unit or asset -> the state that fails."""
    main = {role.unit: name for name, role in known.items() if role.main}
    found = {name: name for name in (lower.PLAN_STATE, lower.FINISH_STATE, *known)}
    for unit in graph.units:
        if unit.name in main:
            found |= dict.fromkeys((unit.name, *unit.keys), main[unit.name])
    return found


class SimulatedWorker:
    """Answers the calls of one simulation, redrives included. `now` (aware) decides which partitions there are."""

    def __init__(
        self, graph: Graph, durations: Mapping[str, float], failures: Iterable[Failing], now: datetime
    ) -> None:
        self.selected: tuple[str, ...] = ()
        self.redriven = False
        self._graph = from_json(selection_graph.selection_graph(graph))
        self._roles = roles(graph, durations)
        self._durations = durations
        self._now = now
        targets = _targets(graph, self._roles)
        unknown = [each.key for each in failures if each.key not in targets]
        if unknown:
            raise Refused(Problem("fail", key, "no asset, unit or state is called so") for key in unknown)
        self._failures = [(targets[each.key], each) for each in failures]
        self._failed: dict[int, int] = {}
        self._submitted: dict[tuple[str, int], float] = {}

    def __call__(self, call: Call) -> Answer | Failure | Silence:
        role = self._roles.get(call.state, Role("", self._durations.get(call.state, 0.0)))
        seconds = role.seconds
        if role.polled and not self._ended(call, role):
            return Failure(RUNNING, "the statement is not finished")
        if role.polled:
            seconds = 0.0
        failed = self._failure(call, seconds)
        if failed is not None:
            return failed
        if call.state == lower.PLAN_STATE:
            return self._plan(call, seconds)
        if role.items is not None:
            return Answer({"items": list(range(role.items))}, seconds)
        return Answer(None, seconds)

    def _ended(self, call: Call, role: Role) -> bool:
        """Whether the statement that was submitted by the first try has taken its time."""
        drive = (call.state, call.context["Execution"]["RedriveCount"])
        return call.time - self._submitted.setdefault(drive, call.time) >= role.seconds

    def _failure(self, call: Call, seconds: float) -> Failure | Answer | Silence | None:
        for number, (state, each) in enumerate(self._failures):
            if state != call.state or call.context.get("Map", {}).get("Item", {}).get("Index", 0):
                continue
            count = self._failed.get(number, 0)
            if self.redriven if each.times is None else count >= each.times:
                continue
            self._failed[number] = count + 1
            if each.error == "States.HeartbeatTimeout":
                return Silence()
            if each.error == "States.Timeout":
                return Answer(None, NEVER_S)
            return Failure(each.error, f"{call.state}: said to fail", seconds)
        return None

    def _plan(self, call: Call, seconds: float) -> Answer | Failure:
        """The runtime's own plan step, without the claim."""
        try:
            given = plan_run.checked_input(call.context["Execution"]["Input"])
            answer: dict[str, Any] = plan_run.plan(self._graph, given, self._now)
        except RuntimeFailure as error:
            return Failure(type(error).__name__, str(error), seconds)
        self.selected = tuple(answer["selected"])
        return Answer(answer, seconds)
