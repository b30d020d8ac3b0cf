"""Random pipelines, compiled and run: every asset once, no edge broken, failures contained, redrives exact.

Each property is checked on the graph's own edges and on what the machine's tasks were asked, not on the plan.
"""

import os
import random
import subprocess
import sys
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from random_graphs import PARTITION, random_graph, random_selection, shuffled

from compiler import emit, fuse, interpret, lower, plan
from compiler.graph import ContainerStep, Graph, MapStep, StatementStep, Unit
from compiler.interpret import BEGAN, Answer, Call, Execution, Failure, Silence
from compiler.simulate_worker import Failing, SimulatedWorker, roles
from compiler.tree import Parallel, Plan, Series, Task, Tree

FAST, ALL = 60, 500
SELECTIONS, FAILURES = 4, 4
SAME_S = 1e-6

Asked = tuple[str, int | None]
"""A task state and the index of its item."""


@dataclass(frozen=True)
class Compiled:
    """`edges` are between units, derived here from what the assets declared before anything was fused."""

    graph: Graph
    plan: Plan
    machine: interpret.Machine
    edges: frozenset[tuple[str, str]]

    @property
    def given(self) -> dict[str, Any]:
        return {"partition": PARTITION} if self.graph.partitions else {}


class Recorder:
    """The simulation's worker, and what it was asked."""

    def __init__(self, graph: Graph, failures: Iterable[Failing] = ()) -> None:
        self.worker = SimulatedWorker(graph, {}, failures, BEGAN)
        self.calls: list[Call] = []

    def __call__(self, call: Call) -> Answer | Failure | Silence:
        self.calls.append(call)
        return self.worker(call)


def compiled(seed: int) -> Compiled:
    graph = fuse.fuse(random_graph(seed))
    return with_plan(seed, graph, plan.plan(graph))


def with_plan(seed: int, graph: Graph, planned: Plan) -> Compiled:
    machine = interpret.read(emit.emit(lower.lower(graph, planned)))
    return Compiled(graph, planned, machine, edges_of(random_graph(seed), graph))


def edges_of(declared: Graph, fused: Graph) -> frozenset[tuple[str, str]]:
    """(before, after) between fused units, for every asset that declares another, looking through what is outside."""
    deps = {asset.key: asset.deps for asset in declared.assets}
    unit = {key: each.name for each in fused.units for key in each.keys}
    found = set()
    for key in unit:
        waiting = list(deps[key])
        while waiting:
            before = waiting.pop()
            if before in unit:
                found.add((unit[before], unit[key]))
            else:
                waiting += deps[before]
    return frozenset(edge for edge in found if edge[0] != edge[1])


def asked(call: Call) -> Asked:
    return call.state, call.context.get("Map", {}).get("Item", {}).get("Index")


def assets_of(unit: Unit, call: Call) -> tuple[str, ...]:
    """The assets that a call is told to make."""
    if call.resource.startswith("arn:aws:states:::ecs"):
        told = call.arguments["Overrides"]["ContainerOverrides"][0]["Environment"]
        words = next(each["Value"] for each in told if each["Name"] == "WORDS").split()
        step = unit.steps[0]
        assert isinstance(step, ContainerStep)
        return tuple(sorted(key for key, word in step.words if word in words))
    return tuple(sorted(call.arguments["Payload"].get("assets", unit.keys)))


def units_after(edges: frozenset[tuple[str, str]], unit: str) -> set[str]:
    """Units that depend on `unit`, near or far."""
    found: set[str] = set()
    waiting = [unit]
    while waiting:
        before = waiting.pop()
        new = {after for first, after in edges if first == before} - found
        found |= new
        waiting += new
    return found


def spans(execution: Execution, unit_of: Mapping[str, str]) -> dict[str, tuple[float, float]]:
    """Unit -> start of its first task and end of its last."""
    found: dict[str, tuple[float, float]] = {}
    for each in execution.attempts:
        unit = unit_of.get(each.state)
        if unit is not None:
            start, end = found.get(unit, (each.start, each.end))
            found[unit] = (min(start, each.start), max(end, each.end))
    return found


def check_run(made: Compiled, recorder: Recorder, execution: Execution, selected: set[str]) -> None:
    """What holds for a run that ends well: exactly the selected assets, each once, in an order that edges allow."""
    graph = made.graph
    known = roles(graph, {})
    unit_of = {state: role.unit for state, role in known.items()}
    assert execution.status == "SUCCEEDED", execution.cause
    wanted = {unit.name for unit in graph.units if set(unit.keys) & selected}
    # each task once, each item once; a statement is asked after while it runs
    times = Counter(asked(call) for call in recorder.calls if not known.get(call.state, NONE).polled)
    assert set(times.values()) <= {1}
    # the tasks of the selected units, all of them, and of no other
    tasks = {state for state, unit in unit_of.items() if unit in wanted}
    assert {call.state for call in recorder.calls} - {lower.PLAN_STATE, lower.FINISH_STATE} == tasks
    ran = Counter(
        key
        for call in {call.state: call for call in recorder.calls if call.state in known}.values()
        if known[call.state].main
        for key in assets_of(graph.unit[unit_of[call.state]], call)
    )
    assert ran == Counter(selected)
    # everything else passed over, visibly
    passed = {unit.name: f"{unit.name} passed over" for unit in graph.units}
    entered = Counter(execution.entered)
    assert {unit for unit, state in passed.items() if entered[state]} == set(passed) - wanted
    # no edge broken
    span = spans(execution, unit_of)
    for before, after in made.edges:
        if before in span and after in span:
            assert span[after][0] >= span[before][1] - SAME_S, (before, after)


NONE = next(iter(roles(fuse.fuse(random_graph(1)), {}).values()))


def check_whole(made: Compiled) -> Execution:
    recorder = Recorder(made.graph)
    execution = interpret.run(made.machine, made.given, recorder)
    check_run(made, recorder, execution, {asset.key for asset in made.graph.assets if asset.unit})
    # the machine takes as long as the plan says; a statement is noticed at most one question later
    late = sum(step.poll_s for unit in made.graph.units for step in unit.steps if isinstance(step, StatementStep))
    assert made.plan.makespan_s - SAME_S <= execution.end <= made.plan.makespan_s + late + SAME_S
    return execution


def check_selection(made: Compiled, chance: random.Random) -> None:
    recorder = Recorder(made.graph)
    given = {**made.given, "select": random_selection(made.graph, chance)}
    execution = interpret.run(made.machine, given, recorder)
    check_run(made, recorder, execution, set(recorder.worker.selected))


def check_failure(made: Compiled, whole: Execution, chance: random.Random) -> None:
    """One task fails: nothing after it runs, siblings are cut off, and a redrive runs what had not succeeded."""
    known = roles(made.graph, {})
    state = chance.choice(sorted(known))
    recorder = Recorder(made.graph, [Failing(state, "Broken")])
    failed = interpret.run(made.machine, made.given, recorder)
    assert (failed.status, failed.error) == ("FAILED", "Broken")
    unit = known[state].unit
    reached = {known[call.state].unit for call in recorder.calls if call.state in known}
    assert not reached & units_after(made.edges, unit)
    assert all(each.end <= failed.end for each in failed.attempts)
    broken = [each for each in failed.attempts if each.error == "Broken"]
    assert [(each.state, each.end) for each in broken] == [(state, failed.end)]
    for each in failed.attempts:
        assert each.start < failed.end or each.outcome == "aborted" or each.end == each.start
    cut = {each.state for each in failed.attempts if each.outcome == "aborted"}
    assert all(known[name].unit != unit or made.graph.unit[unit].steps[0].__class__ is MapStep for name in cut)
    # the redrive asks exactly for what had not succeeded, and ends as if nothing had happened
    everything = {(each.state, each.item) for each in whole.attempts}
    done = {(each.state, each.item) for each in failed.attempts if each.outcome == "succeeded"}
    recorder.calls.clear()
    recorder.worker.redriven = True
    again = interpret.redrive(failed, recorder)
    assert again.status == "SUCCEEDED"
    assert {asked(call) for call in recorder.calls} == everything - done
    times = Counter(asked(call) for call in recorder.calls if not known.get(call.state, NONE).polled)
    assert set(times.values()) <= {1}
    assert again.output == whole.output
    assert Counter(again.entered) == Counter(whole.entered)
    assert {(each.state, each.item) for each in again.attempts if each.outcome == "succeeded"} == everything
    span = spans(again, {name: role.unit for name, role in known.items()})
    first_end: dict[str, float] = {}
    for each in again.attempts:
        if each.state in known and each.outcome == "succeeded":
            first_end[known[each.state].unit] = each.end
    for before, after in made.edges:
        assert span[after][0] >= first_end[before] - SAME_S


def check_bytes(made: Compiled, seed: int) -> None:
    """Another order of the same graph is the same text, and the same plan."""
    text = text_of(fuse.fuse(random_graph(seed)))
    for other in range(2):
        assert text_of(fuse.fuse(shuffled(random_graph(seed), other))) == text
    durations = [(unit.name, unit.duration_s) for unit in made.graph.units]
    edges = sorted(made.graph.edges)
    chance = random.Random(seed)
    chance.shuffle(durations)
    chance.shuffle(edges)
    assert plan.plan_graph(dict(durations), edges, "sp") == made.plan


def text_of(graph: Graph) -> str:
    return emit.emit(lower.lower(graph, plan.plan(graph)))


def check_seed(seed: int, selections: int, failures: int) -> int:
    """All properties of one graph; how many executions it took."""
    made = compiled(seed)
    chance = random.Random(seed)
    whole = check_whole(made)
    for _ in range(selections):
        check_selection(made, chance)
    for _ in range(failures):
        check_failure(made, whole, chance)
    return 1 + selections + 2 * failures


@pytest.mark.parametrize("seeds", [range(first, FAST, 6) for first in range(6)], ids=lambda seeds: f"from-{seeds[0]}")
def test_machines_run_their_graphs(seeds: range) -> None:
    for seed in seeds:
        check_seed(seed, 1, 1)


def test_the_order_of_a_graph_changes_no_byte() -> None:
    for seed in range(0, FAST, 4):
        check_bytes(compiled(seed), seed)


def test_hash_seeds_change_no_byte() -> None:
    code = (
        "import hashlib; from random_graphs import random_graph; from compiler import emit, fuse, lower, plan\n"
        "for seed in range(12):\n"
        "    graph = fuse.fuse(random_graph(seed))\n"
        "    print(hashlib.sha256(emit.emit(lower.lower(graph, plan.plan(graph))).encode()).hexdigest())\n"
    )
    here = Path(__file__).parent
    answers = {
        subprocess.run(
            [sys.executable, "-c", code],
            env={**os.environ, "PYTHONHASHSEED": hash_seed, "PYTHONPATH": f"{here}{os.pathsep}{here.parents[1]}"},
            check=True,
            capture_output=True,
            text=True,
        ).stdout
        for hash_seed in ("0", "1", "4242")
    }
    assert len(answers) == 1 and len(answers.pop().split()) == 12


@pytest.mark.soak
@pytest.mark.parametrize("part", range(10))
def test_five_hundred_machines_run_their_graphs(part: int, record_property: Any) -> None:
    executions = assets = units = 0
    for seed in range(part, ALL, 10):
        executions += check_seed(seed, SELECTIONS, FAILURES)
        graph = random_graph(seed)
        assets += len([asset for asset in graph.assets if asset.unit])
        units += len(graph.units)
        check_bytes(compiled(seed), seed)
    record_property("executions", executions)
    print(f"{ALL // 10} graphs, {units} units, {assets} assets, {executions} executions")


def test_graphs_are_of_every_kind_and_size() -> None:
    graphs = [random_graph(seed) for seed in range(FAST)]
    sizes = {len(graph.units) for graph in graphs}
    assert min(sizes) == 1 and max(sizes) >= 50
    kinds = {type(step).__name__ for graph in graphs for unit in graph.units for step in unit.steps}
    assert kinds == {"LambdaStep", "MapStep", "StatementStep", "ContainerStep"}
    assert any(unit.subset for graph in graphs for unit in graph.units)
    assert any(len(unit.steps) > 1 for graph in graphs for unit in graph.units)
    assert any(unit.checks for graph in graphs for unit in graph.units)
    assert any(len(fuse.fuse(graph).units) < len(graph.units) for graph in graphs)
    density = [len(graph.edges) / len(graph.units) for graph in graphs if len(graph.units) > 20]
    assert min(density) < 1.5 and max(density) > 5
    assert any(graph.partitions for graph in graphs)


def test_pairs_of_failures_leave_nothing_behind() -> None:
    """Redriven again and again, an execution with many broken tasks ends like the one without."""
    for seed in range(0, FAST, 10):
        made = compiled(seed)
        whole = check_whole(made)
        known = sorted(roles(made.graph, {}))
        broken = known[:: max(1, len(known) // 5)]
        recorder = Recorder(made.graph, [Failing(state, "Broken", 1) for state in broken])
        execution = interpret.run(made.machine, made.given, recorder)
        for _ in broken:
            if execution.status == "FAILED":
                execution = interpret.redrive(execution, recorder)
        assert execution.status == "SUCCEEDED"
        assert Counter(execution.entered) == Counter(whole.entered)
        assert execution.redrives <= len(broken)


def test_a_wrong_machine_is_noticed() -> None:
    """The properties can fail: all units side by side, one unit left out, another selection."""
    seed = next(each for each in range(FAST) if len(compiled(each).edges) > 5)
    made = compiled(seed)
    names = sorted(unit.name for unit in made.graph.units)
    beside = Parallel(tuple(Task(name) for name in names))
    wrong: list[Tree] = [beside, Series(tuple(Task(name) for name in names[1:]))]
    for tree in wrong:
        other = with_plan(seed, made.graph, replace(made.plan, tree=tree))
        with pytest.raises(AssertionError):
            check_run(other, *ran(other), {asset.key for asset in made.graph.assets if asset.unit})
    check_run(made, *ran(made), {asset.key for asset in made.graph.assets if asset.unit})
    with pytest.raises(AssertionError):
        check_run(made, *ran(made), {made.graph.units[0].keys[0]})


def ran(made: Compiled) -> tuple[Recorder, Execution]:
    recorder = Recorder(made.graph)
    return recorder, interpret.run(made.machine, made.given, recorder)
