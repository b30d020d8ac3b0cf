"""Parallel and Map: what runs at once, what each branch and iteration sees, what comes out."""

from typing import Any

import pytest
from interpreted import Script, machine, scope, task

from compiler import interpret
from compiler.interpret import Answer, Call, Failure


def run(state: dict[str, Any], given: Any, worker: Any) -> interpret.Execution:
    return interpret.run(machine("M", {"M": state}), given, worker)


def each(**fields: Any) -> dict[str, Any]:
    return {"Type": "Map", "ItemProcessor": scope("I", I=task()), "End": True, **fields}


def test_branches_run_at_once_and_answer_in_their_order() -> None:
    state = {
        "Type": "Parallel",
        "Branches": [scope("A", A=task()), scope("B", B=task(Next="C"), C=task())],
        "End": True,
    }
    execution = run(state, {}, Script(A=Answer("a", 30), B=Answer("b", 10), C=Answer("c", 15)))
    assert (execution.output, execution.end) == (["a", "c"], 30)
    assert execution.counts["ParallelStateStarted"] == execution.counts["ParallelStateSucceeded"] == 1


def test_arguments_of_a_parallel_are_every_branchs_input() -> None:
    state = {
        "Type": "Parallel",
        "Arguments": {"n": "{% $states.input.n + 1 %}"},
        "Branches": [scope("A", A={"Type": "Pass", "End": True}), scope("B", B={"Type": "Succeed"})],
        "End": True,
    }
    assert run(state, {"n": 1}, Script()).output == [{"n": 2}, {"n": 2}]


def test_a_parallel_inside_a_parallel() -> None:
    inner = {"Type": "Parallel", "Branches": [scope("A", A=task()), scope("B", B=task())], "Next": "C"}
    state = {"Type": "Parallel", "Branches": [scope("N", N=inner, C=task()), scope("D", D=task())], "End": True}
    execution = run(state, {}, Script(A=Answer(1, 3), B=Answer(2, 5), C=Answer(3, 1), D=Answer(4, 2)))
    assert (execution.output, execution.end) == ([3, 4], 6)


@pytest.mark.parametrize(("limit", "end"), [(1, 60), (2, 30), (4, 20), (6, 10), (0, 10)])
def test_a_map_runs_so_many_at_a_time(limit: int, end: int) -> None:
    execution = run(each(MaxConcurrency=limit), [1, 2, 3, 4, 5, 6], Script(I=Answer("x", 10)))
    assert (execution.output, execution.end) == (["x"] * 6, end)


def test_an_inline_map_runs_at_most_forty_at_once() -> None:
    assert run(each(MaxConcurrency=100), list(range(41)), Script(I=Answer(None, 10))).end == 20
    assert run(each(), list(range(40)), Script(I=Answer(None, 10))).end == 10


def test_iterations_see_their_item_and_answer_in_the_order_of_the_items() -> None:
    def worker(call: Call) -> Answer:
        item = call.context["Map"]["Item"]
        return Answer([call.arguments, item["Index"], item["Value"]], 10 - item["Index"])

    processor = scope("I", I=task(Arguments="{% $states.input %}"))
    state = each(Items="{% $states.input.files %}", ItemProcessor=processor)
    assert run(state, {"files": ["a", "b"]}, worker).output == [["a", 0, "a"], ["b", 1, "b"]]
    selector = {"file": "{% $states.context.Map.Item.Value %}", "all": "{% $count($states.input.files) %}"}
    state = each(Items="{% $states.input.files %}", ItemSelector=selector, ItemProcessor=processor)
    assert run(state, {"files": ["a", "b"]}, worker).output == [
        [{"file": "a", "all": 2}, 0, "a"],
        [{"file": "b", "all": 2}, 1, "b"],
    ]


def test_a_map_of_nothing_answers_nothing() -> None:
    execution = run(each(Items=[]), {}, Script())
    assert (execution.output, execution.status) == ([], "SUCCEEDED")


def test_items_that_are_no_array_fail() -> None:
    assert run(each(Items={"a": 1}), {}, Script()).error == "States.QueryEvaluationError"
    assert run(each(), {"a": 1}, Script()).error == "States.QueryEvaluationError"


def test_a_list_of_one_stays_a_list() -> None:
    assert run(each(Items="{% $states.input.files %}"), {"files": ["only"]}, Script(I=Answer(1))).output == [1]


def test_an_iteration_that_fails_cuts_the_others_off_and_starts_no_more() -> None:
    def worker(call: Call) -> Answer | Failure:
        return Failure("Broken", seconds=5) if call.context["Map"]["Item"]["Index"] == 1 else Answer(None, 20)

    execution = run(each(MaxConcurrency=2), [1, 2, 3], worker)
    assert (execution.error, execution.end) == ("Broken", 5)
    assert [(attempt.item, attempt.outcome) for attempt in execution.attempts] == [(1, "failed"), (0, "aborted")]
    assert execution.counts["MapIterationStarted"] == 2
    assert execution.counts["MapIterationFailed"] == execution.counts["MapIterationAborted"] == 1
    assert execution.counts["MapStateFailed"] == 1


def test_variables_of_an_iteration_stay_inside_it() -> None:
    processor = scope(
        "I",
        I={"Type": "Pass", "Assign": {"own": "{% $states.input %}"}, "Next": "J"},
        J={"Type": "Pass", "Output": "{% $own * 10 %}", "End": True},
    )
    state = each(Items=[1, 2], ItemProcessor=processor, Output=["{% $states.result %}", "{% $exists($own) %}"])
    assert run(state, {}, Script()).output == [[10, 20], False]


def test_a_hundred_nested_parallels() -> None:
    inner = scope("L", L=task())
    for depth in range(100):
        inner = scope(
            f"P{depth}",
            **{
                f"P{depth}": {
                    "Type": "Parallel",
                    "Branches": [inner, scope(f"W{depth}", **{f"W{depth}": task()})],
                    "Output": depth,
                    "End": True,
                }
            },
        )
    whole = {"QueryLanguage": "JSONata", **inner}
    assert interpret.run(whole, {}, Script(L=Answer(0, 1))).output == 99
    failed = interpret.run(whole, {}, Script(L=Failure("Deep", seconds=1), W50=Answer(0, 5)))
    assert (failed.error, failed.counts["ParallelStateFailed"], failed.counts["TaskStateAborted"]) == ("Deep", 100, 1)
    assert interpret.redrive(failed, Script()).status == "SUCCEEDED"
