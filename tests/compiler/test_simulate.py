"""A small pipeline simulated: who ran, when, why then; what a failure stops; what a redrive does; the chart."""

import json
import time
from dataclasses import fields, replace
from typing import Any

import pytest

from compiler import emit, fuse, gantt, lower, plan
from compiler.errors import Refused
from compiler.graph import (
    Asset,
    Check,
    ContainerStep,
    Function,
    Graph,
    LambdaStep,
    Machine,
    MapStep,
    Partitions,
    Retry,
    StatementStep,
    Step,
    Unit,
)
from compiler.interpret import BEGAN
from compiler.simulate import Failing, Simulation, failing, simulate


def function(name: str) -> Function:
    return Function(name, f"shop.steps:{name}", timeout_s=300)


def unit(name: str, seconds: float, *steps: Step, **given: Any) -> Unit:
    return Unit(name, (name,), steps or (LambdaStep(function(name[-1])),), duration_s=seconds, **given)


def dbt(name: str, seconds: float) -> Unit:
    step = ContainerStep("${c}", "${t}", "dbt", "${n}", "${g}", words=((name, name[-1]),), fuse="dbt", startup_s=40)
    return unit(name, seconds, step)


def graph(units: list[Unit], deps: dict[str, list[str]]) -> Graph:
    assets = [
        Asset(each.name, deps=tuple(deps.get(each.name, ())), unit=each.name, group=each.name[0]) for each in units
    ]
    return fuse.fuse(Graph(Machine("shop", finish=function("finish")), tuple(assets), tuple(units)))


def diamond() -> Graph:
    """a, then b and c, then d."""
    units = [unit("r/a", 10), unit("r/b", 20), unit("s/c", 35), unit("s/d", 5)]
    return graph(units, {"r/b": ["r/a"], "s/c": ["r/a"], "s/d": ["r/b", "s/c"]})


def run(made: Graph, strategy: str = "sp", **given: Any) -> Simulation:
    return simulate(emit.emit(lower.lower(made, plan.plan(made, strategy))), made, **given)


def bars(found: Simulation) -> list[tuple[str, float, float, str]]:
    return [(bar.state, bar.start, bar.end, bar.outcome) for bar in found.bars]


def test_each_unit_takes_its_time() -> None:
    found = run(diamond())
    assert (found.status, found.seconds) == ("SUCCEEDED", 50)
    assert bars(found) == [
        ("Plan run", 0, 0, "succeeded"),
        ("r/a", 0, 10, "succeeded"),
        ("r/b", 10, 30, "succeeded"),
        ("s/c", 10, 45, "succeeded"),
        ("s/d", 45, 50, "succeeded"),
        ("Finish", 50, 50, "succeeded"),
    ]
    assert found.critical == ("r/a", "s/c", "s/d")
    assert found.assets == dict.fromkeys(("r/a", "r/b", "s/c", "s/d"), "ran")
    assert found.selected == ("r/a", "r/b", "s/c", "s/d")
    assert [bar.waited_for for bar in found.bars] == ["", "", "r/a", "r/a", "s/c", "s/d"]
    assert not any(bar.added for bar in found.bars)
    assert (found.transitions, found.events) == (2 + 4 * 2 + 1, 2 + 2 * 5 + 4 * (2 + 5) + 4)


def test_waiting_without_need_is_said() -> None:
    units = [unit("r/a", 10), unit("r/b", 4), unit("s/c", 1), unit("s/d", 9)]
    made = graph(units, {"s/c": ["r/a", "r/b"], "s/d": ["r/b"]})
    found = run(made, "levels")
    waits = {bar.unit: (bar.start, bar.waited_for, bar.added) for bar in found.bars if bar.unit}
    assert waits == {
        "r/a": (0, "", False),
        "r/b": (0, "", False),
        "s/c": (10, "r/a", False),
        "s/d": (10, "r/a", True),
    }
    assert found.critical == ("r/a", "s/d")


def test_durations_are_of_a_unit_an_asset_or_a_state() -> None:
    assert run(diamond(), durations={"s/c": 100}).seconds == 115
    assert run(diamond(), durations={"Plan run": 2.5, "Finish": 1}).seconds == 53.5
    several = Unit("op", ("m/x", "m/y"), (LambdaStep(function("x")),), duration_s=10)
    assets = (Asset("m/x", unit="op", neighbours=("m/y",)), Asset("m/y", unit="op", neighbours=("m/x",)))
    made = Graph(Machine("shop"), assets, (several,))
    assert run(made, durations={"m/x": 30, "m/y": 20}).seconds == 30


def test_a_selection_passes_over_the_rest() -> None:
    found = run(diamond(), select="group:s")
    assert found.assets == {"r/a": "passed over", "r/b": "passed over", "s/c": "ran", "s/d": "ran"}
    assert found.units == found.assets
    assert (found.seconds, found.critical) == (40, ("s/c", "s/d"))
    chart = gantt.text(found)
    assert [line.split() for line in chart.splitlines() if "passed over" in line] == [
        ["r/a", "(passed", "over)"],
        ["r/b", "(passed", "over)"],
    ]
    assert gantt.html(found).count(">passed over<") == 2


def test_what_the_plan_step_refuses_ends_the_run() -> None:
    found = run(diamond(), select="group:nothing or s/zz")
    assert (found.status, found.error) == ("FAILED", "UnknownSelection")
    assert set(found.assets.values()) == {"not started"}
    found = run(diamond(), partition="2025-04")
    assert (found.error, found.cause) == (
        "WrongPartition",
        "partition: no asset of shop is partitioned; expected none, found '2025-04'",
    )
    made = diamond()
    made = replace(
        made,
        partitions=Partitions("monthly", start="2025-04", fmt="%Y-%m", day=1),
        assets=tuple(replace(asset, partitioned=asset.key == "r/a") for asset in made.assets),
    )
    assert run(made, partition="2025-12", now=BEGAN).status == "SUCCEEDED"
    assert run(made, partition="2026-01", now=BEGAN).error == "WrongPartition"
    assert run(made, now=BEGAN).error == "WrongPartition"
    assert run(made, select="s/d", now=BEGAN).status == "SUCCEEDED"


def test_a_failure_stops_what_follows_and_cuts_siblings_off() -> None:
    found = run(diamond(), failures=[Failing("r/b")])
    assert (found.status, found.error, found.cause, found.seconds) == ("FAILED", "StepFailed", "r/b: said to fail", 30)
    assert found.assets == {"r/a": "ran", "r/b": "failed", "s/c": "aborted", "s/d": "not started"}
    assert [(drive.end, drive.ran) for drive in found.drives] == [(30, ("r/a",))]


def test_a_redrive_runs_what_had_not_succeeded() -> None:
    found = run(diamond(), failures=[Failing("r/b", "Broken")], redrive=True)
    assert (found.status, found.seconds) == ("SUCCEEDED", 70)
    assert [(bar.state, bar.start, bar.end) for bar in found.bars if bar.redrive] == [
        ("r/b", 30, 50),
        ("s/c", 30, 65),
        ("s/d", 65, 70),
        ("Finish", 70, 70),
    ]
    assert [(drive.status, drive.error, drive.ran) for drive in found.drives] == [
        ("FAILED", "Broken", ("r/a",)),
        ("SUCCEEDED", "", ("r/b", "s/c", "s/d")),
    ]
    assert found.assets == dict.fromkeys(found.assets, "ran")


def test_failures_that_are_counted() -> None:
    made = diamond()
    found = run(made, failures=[Failing("s/d", "Lambda.ServiceException", 2)])
    assert (found.status, found.seconds) == ("SUCCEEDED", 45 + 5 + 5 + 5 + 10 + 5)
    found = run(made, failures=[Failing("s/d", "Broken", 2)], redrive=True)
    assert (found.status, [drive.end for drive in found.drives]) == ("FAILED", [50, 55])


def test_a_task_that_hangs_is_cut_off_at_its_limit() -> None:
    found = run(diamond(), failures=[Failing("r/a", "States.Timeout")])
    assert (found.status, found.error, found.seconds) == ("FAILED", "States.Timeout", 310)
    assert found.assets["r/a"] == "failed"
    assert run(diamond(), durations={"s/d": 311}).error == "States.Timeout"


def test_a_container_that_dies_is_started_again() -> None:
    made = graph([dbt("m/a", 100)], {})
    found = run(made, failures=[Failing("m/a", "States.HeartbeatTimeout", 1)])
    assert (found.status, found.seconds) == ("SUCCEEDED", 120 + 30 + 140)
    assert bars(found)[1:3] == [("dbt", 0, 120, "timed out"), ("dbt", 150, 290, "succeeded")]


def test_units_of_every_kind() -> None:
    units = [
        unit("r/chain", 30, LambdaStep(function("read")), LambdaStep(function("load"))),
        unit("r/map", 8, MapStep(function("list"), function("each"), 3)),
        unit("r/sql", 12, StatementStep(("select 1",), "${w}", "db", poll_s=5)),
        dbt("m/a", 100),
        dbt("m/b", 50),
        unit("x/end", 1, checks=(Check("x/end", "whole", blocking=True, function=function("whole")),)),
    ]
    deps = {"m/a": ["r/chain", "r/map", "r/sql"], "m/b": ["m/a"], "x/end": ["m/b"]}
    found = run(graph(units, deps))
    assert found.status == "SUCCEEDED"
    assert bars(found) == [
        ("Plan run", 0, 0, "succeeded"),
        ("r/map items", 0, 0, "succeeded"),
        ("r/sql", 0, 15, "succeeded"),
        ("r/map item", 0, 8, "succeeded"),
        ("r/map item", 0, 8, "succeeded"),
        ("r/map item", 0, 8, "succeeded"),
        ("r/chain: read", 0, 15, "succeeded"),
        ("r/chain: load", 15, 30, "succeeded"),
        ("dbt", 30, 220, "succeeded"),
        ("x/end", 220, 221, "succeeded"),
        ("x/end check whole", 221, 221, "succeeded"),
        ("Finish", 221, 221, "succeeded"),
    ]
    assert found.assets["m/b"] == "ran"
    assert run(graph(units, deps), select="m/b").assets["m/a"] == "passed over"


def test_a_statement_that_is_cut_off_is_one_bar() -> None:
    made = graph([unit("r/sql", 60, StatementStep(("select 1",), "${w}", "db", poll_s=5)), unit("r/a", 22)], {})
    found = run(made, failures=[Failing("r/a")], redrive=True)
    assert sorted(bars(found)[1:], key=lambda bar: (bar[1], bar[0])) == [
        ("r/a", 0, 22, "failed"),
        ("r/sql", 0, 20, "aborted"),
        ("r/a", 22, 44, "succeeded"),
        ("r/sql", 22, 82, "succeeded"),
        ("Finish", 82, 82, "succeeded"),
    ]


def test_a_failure_of_one_item_and_of_a_named_state() -> None:
    made = graph([unit("r/map", 8, MapStep(function("list"), function("each"), 3))], {})
    found = run(made, failures=[Failing("r/map")], redrive=True)
    assert [(bar.item, bar.outcome, bar.redrive) for bar in found.bars if bar.item is not None] == [
        (0, "failed", 0),
        (1, "succeeded", 0),
        (2, "succeeded", 0),
        (0, "succeeded", 1),
    ], "the others end in the same second"
    assert run(made, failures=[Failing("r/map items")]).cause == "r/map items: said to fail"
    assert run(made, failures=[Failing("Finish")]).assets == {"r/map": "ran"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("r/a", Failing("r/a")),
        ("r/a=Broken", Failing("r/a", "Broken")),
        ("r/ax2", Failing("r/a", "StepFailed", 2)),
        ("r/a=3", Failing("r/a", "StepFailed", 3)),
        ("r/a=Lambda.ServiceExceptionx2", Failing("r/a", "Lambda.ServiceException", 2)),
        ("r/a=Box", Failing("r/a", "Box")),
        ("r/ax", Failing("r/ax")),
        ("r/ax2x2", Failing("r/ax2", "StepFailed", 2)),
        ("r/ax2", Failing("r/ax2")),
        ("Plan run=WriterBusy", Failing("Plan run", "WriterBusy")),
    ],
)
def test_failures_as_typed(text: str, expected: Failing) -> None:
    names = ["r/a", "r/ax"] + (["r/ax2"] if expected.key == "r/ax2" else [])
    assert failing(text, graph([unit(name, 1) for name in names], {})) == expected


@pytest.mark.parametrize("text", ["", "nobody", "r/", "r/a=", "r/a=x y", "r/axx"])
def test_failures_of_what_is_not_there_are_refused(text: str) -> None:
    with pytest.raises(Refused, match="no asset, unit or state is called so; there are"):
        failing(text, graph([unit("r/a", 1)], {}))
    with pytest.raises(Refused):
        run(diamond(), failures=[Failing(text)])


def test_the_pipelines_own_retry_is_honoured() -> None:
    made = diamond()
    made = replace(made, machine=replace(made.machine, retry=Retry(("Busy",), 7, 1, 1.0, 7, False)))
    found = run(made, failures=[Failing("s/d", "Busy", 1)])
    assert [(bar.start, bar.end, bar.retry) for bar in found.bars if bar.unit == "s/d"] == [(45, 50, 0), (57, 62, 1)]


def test_the_chart_shows_every_unit_on_one_axis() -> None:
    lines = gantt.text(run(diamond(), failures=[Failing("r/b")]), 60).splitlines()
    assert lines == [
        "Plan run *│█                                   │       0.0 s",
        "r/a      *│████████████                        │      10.0 s",
        "r/b      *│            ✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗✗ │      20.0 s",
        "s/c       │            ░░░░░░░░░░░░░░░░░░░░░░░ │      20.0 s",
        "s/d       (not started)",
        "          0 s                           30.0 s",
        "█ ran  ✗ failed  ░ stopped by another's failure  * what the end waited for",
    ]


def test_items_at_the_same_time_count_once() -> None:
    made = graph([unit("r/map", 8, MapStep(function("list"), function("each"), 3))], {})
    row = next(line for line in gantt.text(run(made)).splitlines() if line.startswith("r/map"))
    assert row.endswith(" 8.0 s")


def test_the_page_marks_the_redrive() -> None:
    page = gantt.html(run(diamond(), failures=[Failing("r/b", "Broken<b>")], redrive=True))
    assert page.count("<rect") == 8
    assert "FAILED after 30.0 s: Broken&lt;b&gt;; then redriven" in page
    assert "Broken<b>" not in page


def test_the_same_simulation_is_the_same_json() -> None:
    told = [run(diamond(), failures=[Failing("r/b")], redrive=True).to_json() for _ in range(2)]
    assert told[0] == told[1]
    assert sorted(told[0]) == sorted(field.name for field in fields(Simulation))
    assert json.loads(json.dumps(told[0]))["drives"][0]["status"] == "FAILED"


def test_a_thousand_units_take_seconds() -> None:
    keys = [f"r/{number:04}" for number in range(1000)]
    units = [Unit(key, (key,), (LambdaStep(function("x")),), duration_s=number % 50) for number, key in enumerate(keys)]
    deps = {key: [keys[number - 7]] for number, key in enumerate(keys) if number > 6}
    made = graph(units, deps)
    text = emit.emit(lower.lower(made, plan.plan(made, "levels")))
    start = time.process_time()
    found = simulate(text, made, failures=[Failing(keys[500])], redrive=True)
    assert found.status == "SUCCEEDED" and len(found.bars) > 1000
    assert time.process_time() - start < 6
