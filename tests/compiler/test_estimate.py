"""Transitions, events, bytes and USD of small machines, counted by hand."""

import json
from typing import Any

import pytest

from compiler import emit, lower
from compiler.estimate import Estimate, estimate
from compiler.graph import (
    Asset,
    Check,
    ContainerStep,
    Function,
    Graph,
    LambdaStep,
    Machine,
    MapStep,
    StatementStep,
    Step,
    Unit,
)
from compiler.plan import plan
from compiler.tree import Plan

NO_PLAN = Plan(None, 0.0, 0.0, (), (), "none")
TRANSITION = 0.000025
REQUEST = 0.0000002
GB_S = 0.0000166667


def function(name: str, **settings: Any) -> Function:
    return Function(name, f"shop.steps:{name}", **settings)


def graph(*units: Unit, edges: str = "", **machine: Any) -> Graph:
    deps: dict[str, tuple[str, ...]] = {}
    for before, after in edges.split():
        deps[after] = (*deps.get(after, ()), before)
    assets = tuple(Asset(key, deps.get(key, ()), unit.name) for unit in units for key in unit.keys)
    return Graph(Machine("shop", **machine), assets, units)


def unit(name: str, *steps: Step, duration_s: float = 60.0, **more: Any) -> Unit:
    return Unit(name, (name,), steps or (LambdaStep(function(name)),), duration_s=duration_s, **more)


def compiled(given: Graph) -> Estimate:
    found = plan(given)
    return estimate(json.loads(emit.emit(lower.lower(given, found))), given, found)


def test_one_asset() -> None:
    """Plan run 5, a? 2, a 5, Finish 2, the execution's start and end 2; the state that passes over is not taken."""
    found = compiled(graph(unit("a", duration_s=60.0)))
    assert (found.history_events, found.transitions) == (16, 4)
    assert (found.makespan_s, found.critical_path_s) == (60.0, 60.0)
    assert found.usd_transitions == pytest.approx(4 * TRANSITION)
    asset = REQUEST + 60 * 0.5 * GB_S
    assert found.units[0].usd == pytest.approx(asset)
    assert found.usd_lambda == pytest.approx(asset + REQUEST + 0.25 * GB_S)
    assert found.usd_per_run == pytest.approx(found.usd_transitions + found.usd_lambda)
    assert (found.runs_per_month, found.usd_per_month) == (30, pytest.approx(30 * found.usd_per_run))
    assert found.notes == ("all assets selected, nothing tried again; list prices without the free tier",)


def test_side_by_side_with_a_last_state_and_a_check() -> None:
    """Two Choices and Tasks in a Parallel (4), a check (5), Plan run 5 and Finish 5, the execution 2."""
    check = Check("b", "whole", blocking=True, function=function("whole", memory_mb=1024))
    given = graph(
        unit("a", duration_s=10.0),
        unit("b", duration_s=20.0, checks=(check, Check("b", "inside", inside=True))),
        finish=function("finish", memory_mb=128),
        expected_runs_per_month=2,
    )
    found = compiled(given)
    assert found.history_events == 2 * (2 + 5) + 4 + 5 + 5 + 5 + 2
    assert found.transitions == 2 * 2 + 1 + 1 + 2
    assert [each.usd for each in found.units] == pytest.approx(
        [REQUEST + 10 * 0.5 * GB_S, REQUEST + 20 * 0.5 * GB_S + REQUEST + 1 * GB_S]
    )
    assert found.usd_per_month == pytest.approx(2 * found.usd_per_run)
    assert "every check that is a state of its own takes 1 s" in found.notes


def test_a_map_counts_what_runs_at_a_time() -> None:
    """a? 2, items 5, Map 4, four items of 2 + 5; Plan run 5, Finish 2, the execution 2."""
    given = graph(
        unit("a", MapStep(function("list"), function("each", memory_mb=2048), concurrency=4), duration_s=30.0)
    )
    found = compiled(given)
    assert (found.history_events, found.transitions) == (2 + 5 + 4 + 4 * 7 + 9, 1 + 1 + 1 + 4 + 2)
    assert found.units[0].usd == pytest.approx(REQUEST + 0.5 * GB_S + 4 * (REQUEST + 30 * 2 * GB_S))
    assert any(note.startswith("every map has as many items") for note in found.notes)


def test_a_statement_is_asked_for_until_its_seconds_are_over() -> None:
    """62 s at 5 s each is 13 more calls, each a transition and three events; 14 calls of 256 MB for a second."""
    found = compiled(graph(unit("a", StatementStep(("select 1",), "${w}", "db", poll_s=5), duration_s=62.0)))
    assert (found.history_events, found.transitions) == (16 + 13 * 3, 4 + 13)
    assert found.units[0].usd == pytest.approx(14 * (REQUEST + 0.25 * GB_S))
    assert "statements: the calls that ask for them, not what the warehouse costs" in found.notes


def test_a_container_has_one_more_event_and_no_price() -> None:
    step = ContainerStep("${c}", "${t}", "dbt", "${n}", "${g}", words=(("a", "a"),))
    found = compiled(graph(unit("a", step)))
    assert (found.history_events, found.units[0].usd) == (17, 0.0)
    assert "containers: not in the USD, because vCPU and memory stand in the task definition" in found.notes


def test_seconds_are_shared_by_steps_bounded_by_timeouts_and_storage_is_paid() -> None:
    steps = (LambdaStep(function("a", timeout_s=5)), LambdaStep(function("b", memory_mb=1024, ephemeral_mb=2560)))
    given = graph(unit("ab", *steps, duration_s=40.0))
    expected = REQUEST + 5 * 0.5 * GB_S + REQUEST + 20 * (GB_S + 2 * 0.0000000309)
    assert compiled(given).units[0].usd == pytest.approx(expected)


def test_the_longest_way_through_choices_waits_and_loops() -> None:
    """A state is counted once however many ways lead to it; Fail has one event."""
    machine = {
        "StartAt": "Ask",
        "States": {
            "Ask": {"Type": "Task", "Resource": "arn:aws:states:::lambda:invoke", "Next": "Done?"},
            "Done?": {"Type": "Choice", "Choices": [{"Condition": "{% $d %}", "Next": "Good"}], "Default": "Wait"},
            "Wait": {"Type": "Wait", "Seconds": 1, "Next": "Again"},
            "Again": {"Type": "Choice", "Choices": [{"Condition": "{% $d %}", "Next": "Ask"}], "Default": "Bad"},
            "Good": {"Type": "Succeed"},
            "Bad": {"Type": "Fail"},
        },
    }
    found = estimate(machine, graph(), NO_PLAN)
    assert (found.history_events, found.transitions) == (5 + 2 + 2 + 2 + 1 + 2, 5)


def test_a_chain_of_thousands_of_states() -> None:
    states: dict[str, Any] = {f"s{n}": {"Type": "Pass", "Next": f"s{n + 1}"} for n in range(5000)}
    states["s5000"] = {"Type": "Succeed"}
    assert estimate({"StartAt": "s0", "States": states}, graph(), NO_PLAN).transitions == 5001


def test_bytes_as_emitted_and_with_holes_filled() -> None:
    machine = {"StartAt": "a", "States": {"a": {"Type": "Succeed", "Comment": "${hole} 月 ${other_hole}"}}}
    found = estimate(machine, graph(), NO_PLAN)
    size = len('{"StartAt":"a","States":{"a":{"Type":"Succeed","Comment":"${hole} 月 ${other_hole}"}}}'.encode())
    assert (found.definition_bytes, found.filled_bytes) == (size, size - 7 - 13 + 200)


def test_what_a_person_and_a_program_read() -> None:
    found = compiled(graph(unit("a", duration_s=3600.0), unit("b", duration_s=1.0), edges="ab"))
    assert found.text() == (
        "makespan        3,601.0 s\n"
        "critical path   3,601.0 s (ratio 1.000)\n"
        "transitions     6\n"
        "history events  23 of 25,000\n"
        f"definition      {found.definition_bytes:,} bytes ({found.filled_bytes:,} with holes filled) of 1,048,576\n"
        "USD per run     0.002663 (transitions 0.000150)\n"
        "USD per month   0.0799 (30 runs)\n"
        "costs most      0.002500  a (3,600.0 s)\n"
        "                0.000009  b (1.0 s)\n"
        "assumed         all assets selected, nothing tried again; list prices without the free tier"
    )
    answer = json.loads(json.dumps(found.to_json()))
    assert answer["usd_per_run"] == pytest.approx(0.002663105025)
    assert answer["units"][1] == {"name": "b", "assets": ["b"], "seconds": 1.0, "usd": pytest.approx(0.00000853335)}
    assert set(answer) == {
        *("makespan_s", "critical_path_s", "transitions", "history_events", "definition_bytes", "filled_bytes"),
        *("usd_transitions", "usd_lambda", "usd_per_run", "usd_per_month", "runs_per_month", "units", "notes"),
    }
