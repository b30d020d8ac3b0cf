"""The parent machine, run: its children one after the other, its own units after them, everything that failed told."""

from dataclasses import replace
from typing import Any

import pytest
from interpreted import Script, task
from interpreted import machine as written

from compiler import check, emit, interpret
from compiler.graph import Asset, Claim, Function, Graph, LambdaStep, Machine, MapStep, Schedule, Step, Unit
from compiler.interpret import Answer, Failure
from compiler.parent import parent

MONTHS = [{"partition": "2025-04"}, {"partition": "2025-05"}]
CLAIM = Claim("lake", "claim")
WRITES = Function("shop-archive", "shop.steps:archive", writes=True)


def graph(*later: Unit, edges: tuple[tuple[str, str], ...] = (), claim: Claim | None = CLAIM) -> Graph:
    schedule = Schedule("shop-daily", Function("shop-find", "shop.steps:find"), wait_s=600)
    before = {after: first for first, after in edges}
    return Graph(
        Machine("shop", "shop-", claim=claim, schedule=schedule),
        tuple(Asset(unit.name, (before[unit.name],) if unit.name in before else (), unit.name) for unit in later),
        later,
    )


def unit(name: str, *steps: Step) -> Unit:
    return Unit(name, (name,), steps or (LambdaStep(WRITES),), on="schedule")


def run(made: Graph, child: Any = None, **answers: Any) -> tuple[interpret.Execution, Script]:
    found = parent(made)
    assert found is not None
    text = emit.emit(found)
    script = Script(**{"Find work": Answer({"items": MONTHS}), **answers})
    machines = {"${machine_shop}": child or written("Work", {"Work": task()})}
    return interpret.run(text, {}, script, machines=machines, name="daily"), script


def test_what_the_parent_does_itself_comes_after_all_children() -> None:
    ended, script = run(graph(unit("archive/raw")))
    assert (ended.status, [state for _, state in script.asked()]) == (
        "SUCCEEDED",
        ["Find work", "Work", "Work", "archive/raw"],
    )
    assert [each.input["partition"] for each in ended.children] == ["2025-04", "2025-05"]
    call = script.calls[-1]
    assert call.arguments["Payload"]["plan"] == {"partition": None, "select": None, "full": True}
    assert call.arguments["Payload"]["context"]["Execution"]["Name"] == "daily"


def test_nothing_new_still_runs_it() -> None:
    ended, script = run(graph(unit("archive/raw")), **{"Find work": Answer({"items": []})})
    assert (ended.status, [state for _, state in script.asked()]) == ("SUCCEEDED", ["Find work", "archive/raw"])


BROKEN = {"archive/raw": Failure("Broken", '{"errorMessage": "it\'s full"}')}


def test_its_failure_and_those_of_the_children_are_told_together() -> None:
    ended, _ = run(graph(unit("archive/raw")), Work=[Failure("DataHeld", "held"), Answer()], **BROKEN)
    assert (ended.status, ended.error) == ("FAILED", "RunsFailed")
    assert [each.status for each in ended.children] == ["FAILED", "SUCCEEDED"]
    told = ended.cause.removeprefix("failed: ").split(", archive/raw ")
    assert '"partition":"2025-04"' in told[0] and told[0].endswith(" States.TaskFailed")
    assert told[1] == 'Broken: {"errorMessage": "it\'s full"}'


def test_its_failure_alone_fails_the_parent() -> None:
    ended, _ = run(graph(unit("archive/raw")), **{"Find work": Answer({"items": []})}, **BROKEN)
    assert (ended.error, ended.cause) == ("RunsFailed", 'failed: archive/raw Broken: {"errorMessage": "it\'s full"}')


def test_failures_of_the_children_do_not_keep_it_from_running() -> None:
    ended, script = run(graph(unit("archive/raw")), Work=Failure("DataHeld", "held"))
    assert (ended.error, script.asked()[-1][1]) == ("RunsFailed", "archive/raw")
    assert "archive/raw" not in ended.cause


def test_a_long_cause_is_cut() -> None:
    ended, _ = run(graph(unit("archive/raw")), **{"archive/raw": Failure("Broken", "x" * 30_000)})
    assert ended.cause == "failed: archive/raw Broken: " + "x" * 2000


def test_the_first_of_them_that_fails_ends_them() -> None:
    made = graph(unit("archive/raw"), unit("tidy"), edges=(("archive/raw", "tidy"),))
    ended, script = run(made, **BROKEN)
    assert "tidy" not in {state for _, state in script.asked()}
    assert ended.cause.startswith("failed: archive/raw Broken")
    assert run(made)[1].asked()[-1][1] == "tidy"


def test_a_map_of_the_parent_is_caught_as_a_whole() -> None:
    step = MapStep(Function("shop-items", "shop.steps:items"), WRITES, 1)
    items = {"archive/raw items": Answer({"items": [1, 2]})}
    ended, _ = run(
        graph(unit("archive/raw", step)), **items, **{"archive/raw item": [Answer(), Failure("Broken", "2")]}
    )
    assert (ended.error, ended.cause) == ("RunsFailed", "failed: archive/raw Broken: 2")
    assert run(graph(unit("archive/raw", step)), **items)[0].status == "SUCCEEDED"


BUSY = Failure("WriterBusy", "another one writes")


def test_it_waits_for_another_writer_as_long_as_the_children_do() -> None:
    ended, script = run(graph(unit("archive/raw")), **{"archive/raw": [BUSY] * 10 + [Answer()]})
    assert ended.status == "SUCCEEDED"
    assert [time for time, state in script.asked() if state == "archive/raw"] == [60.0 * count for count in range(11)]
    ended, _ = run(graph(unit("archive/raw")), **{"archive/raw": BUSY})
    assert ended.cause == "failed: archive/raw WriterBusy: another one writes"


@pytest.mark.parametrize(
    ("function", "claim"),
    [(replace(WRITES, writes=False), CLAIM), (WRITES, None)],
    ids=["it does not write", "there is no claim"],
)
def test_what_takes_no_claim_waits_for_nobody(function: Function, claim: Claim | None) -> None:
    ended, _ = run(graph(unit("archive/raw", LambdaStep(function)), claim=claim), **{"archive/raw": BUSY})
    assert (ended.end, ended.error) == (0.0, "RunsFailed")


def test_the_machine_keeps_the_rules() -> None:
    step = MapStep(Function("shop-items", "shop.steps:items"), WRITES, 1)
    found = parent(graph(unit("archive/raw", step), unit("tidy")))
    assert found is not None
    assert check.machine(emit.emit(found)) == ()
