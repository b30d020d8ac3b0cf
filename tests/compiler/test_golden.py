"""Small graphs, their plans and their machines, written by hand: graph.json, plan.json, machine.json of each folder."""

import importlib
import json
from dataclasses import asdict
from typing import Any

import golden_graphs
import pytest

from compiler import check, emit, extract, fuse, lower, parent, plan, simulate
from compiler.errors import Refused
from compiler.tree import to_json

NAMES = sorted(path.parent.name for path in golden_graphs.GOLDEN.glob("*/machine.json"))


def golden(name: str, file: str) -> Any:
    return json.loads((golden_graphs.GOLDEN / name / f"{file}.json").read_text(encoding="utf-8"))


def test_there_is_a_golden_of_every_kind() -> None:
    assert NAMES == [
        "blocking_check",
        "chain",
        "chain_of_steps",
        "diamond",
        "fused_dbt",
        "map",
        "n_shape",
        "one_partition_definition_plus_unpartitioned",
        "parent",
        "selection",
        "statement",
        "token_task",
        "two_components",
        "wide",
    ]


@pytest.mark.parametrize("name", NAMES)
def test_a_graph_becomes_its_plan_and_its_machine(name: str) -> None:
    declared = golden_graphs.graph(name)
    assert check.graph(declared) == ()
    fused = fuse.fuse(declared)
    of_run = parent.without_schedule(fused)
    planned = plan.plan(of_run)
    found = json.loads(json.dumps(asdict(planned) | {"tree": to_json(planned.tree)}))
    assert {field: found[field] for field in golden(name, "plan")} == golden(name, "plan")
    machine = emit.emit(lower.lower(of_run, planned))
    assert json.loads(machine) == golden(name, "machine")
    machines = {"shop": machine}
    above = parent.parent(fused)
    assert (above is not None) == (name == "parent")
    if above is not None:
        assert json.loads(emit.emit(above)) == golden(name, "parent")
        machines[above.name] = emit.emit(above)
    for text in machines.values():
        assert check.machine(text, check.LANGUAGE + check.OURS) == ()
    assert check.machine_of_graph(fused, machines) == ()


@pytest.mark.parametrize("case", golden("selection", "selection"), ids=lambda case: case["select"] or "everything")
def test_a_selection_passes_over_what_it_leaves_out(case: dict[str, Any]) -> None:
    fused = golden_graphs.graph("selection")
    found = simulate.simulate(golden("selection", "machine"), fused, select=case["select"] or None)
    assert found.status == "SUCCEEDED"
    passed = [f"{name} passed over" for name, end in found.units.items() if end == "passed over"]
    assert sorted(passed) == sorted(case["passed over"])


def test_two_partition_definitions_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(golden_graphs.GOLDEN / "two_partition_definitions"))
    definitions = importlib.import_module("two_partition_definitions")
    with pytest.raises(Refused) as refused:
        extract.extract(definitions.defs)
    assert [asdict(problem) for problem in refused.value.problems] == golden("two_partition_definitions", "problems")
