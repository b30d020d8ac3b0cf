"""The same machines in sfnx.testing, an independent executor of JSONata machines: the same states, calls and output.

sfnx runs branches one after another and no time passes in it, so orders and times are not compared, and a failure is
compared only where it is the only one.
"""

import json
import random
from collections import Counter
from collections.abc import Callable
from typing import Any

import pytest
import sfnx.testing
from interpreted import Script, machine, scope, task
from random_graphs import PARTITION, random_graph, random_selection

from compiler import emit, fuse, interpret, lower, plan
from compiler.interpret import BEGAN, Answer, Call, Execution, Failure, Silence
from compiler.simulate_worker import Failing, SimulatedWorker

GRAPHS = 120


def both(
    definition: dict[str, Any], given: Any, made: Callable[[], Callable[[Call], Answer | Failure | Silence]]
) -> tuple[Execution, sfnx.testing.Execution, list[str], list[str]]:
    """Our execution, theirs, and the calls of each, sorted. Each has a worker of its own."""
    ours: list[str] = []
    theirs: list[str] = []
    first, second = made(), made()

    def answer(call: Call) -> Answer | Failure | Silence:
        ours.append(shown(call.state, call.resource, call.arguments))
        return first(call)

    def tasks(call: sfnx.testing.Call) -> object:
        theirs.append(shown(call.state, call.resource, call.arguments))
        execution = {"Input": given, "RedriveCount": 0}
        context = {"Execution": execution, "State": {"Name": call.state}, **mapped(call.arguments)}
        told = second(Call(call.state, call.resource, call.arguments, context, 0, 0.0))
        if isinstance(told, Failure):
            raise sfnx.testing.Failure(told.error, told.cause)
        assert isinstance(told, Answer)
        if call.resource == "arn:aws:states:::lambda:invoke":
            return {"ExecutedVersion": "$LATEST", "Payload": told.output, "StatusCode": 200}
        return told.output

    execution = interpret.run(definition, given, answer)
    other = sfnx.testing.run(definition, given, tasks)
    return execution, other, sorted(ours), sorted(theirs)


def mapped(arguments: Any) -> dict[str, Any]:
    """The Map part of the context, from the item that our machines hand on."""
    item = arguments["Payload"].get("item") if isinstance(arguments, dict) and "Payload" in arguments else None
    return {} if item is None else {"Map": {"Item": {"Index": item, "Value": item}}}


def shown(state: str, resource: str, arguments: Any) -> str:
    """Without what differs: times, tokens, the names of execution and machine."""

    def plain(value: Any) -> Any:
        if isinstance(value, dict):
            return {name: plain(each) for name, each in value.items() if name != "context"}
        if isinstance(value, list):
            kept = [
                each
                for each in value
                if not (isinstance(each, dict) and each.get("Name") in ("TASK_TOKEN", "EXECUTION"))
            ]
            return [plain(each) for each in kept]
        return value

    return json.dumps([state, resource, plain(arguments)], sort_keys=True)


def compiled(seed: int) -> tuple[Any, dict[str, Any], dict[str, Any]]:
    graph = fuse.fuse(random_graph(seed))
    text = emit.emit(lower.lower(graph, plan.plan(graph)))
    return graph, json.loads(text), {"partition": PARTITION} if graph.partitions else {}


def worker_of(graph: Any, *failures: Failing) -> Callable[[], SimulatedWorker]:
    """Statements finish at once here, because no time passes in sfnx."""
    none = {unit.name: 0.0 for unit in graph.units}
    return lambda: SimulatedWorker(graph, none, failures, BEGAN)


@pytest.mark.parametrize("part", range(4))
def test_compiled_graphs_run_the_same(part: int) -> None:
    for seed in range(part, GRAPHS, 4):
        graph, definition, given = compiled(seed)
        chance = random.Random(seed)
        selected = {**given, "select": random_selection(graph, chance)}
        for each in (given, selected)[: 2 if seed % 12 < 4 else 1]:
            ours, theirs, calls, others = both(definition, each, worker_of(graph))
            assert ours.status == "SUCCEEDED" and theirs.error is None
            assert Counter(ours.entered) == Counter(theirs.states)
            assert calls == others
            assert ours.output == theirs.output


def test_compiled_graphs_fail_the_same() -> None:
    for seed in range(0, GRAPHS, 3):
        graph, definition, given = compiled(seed)
        failing = Failing(random.Random(seed).choice([unit.name for unit in graph.units]), "Broken")
        ours, theirs, _, _ = both(definition, given, worker_of(graph, failing))
        assert (ours.error, ours.cause) == (theirs.error, theirs.cause)
        assert ours.error == "Broken"


LANGUAGE = {
    "choices": (
        machine(
            "C",
            {
                "C": {
                    "Type": "Choice",
                    "Choices": [
                        {"Condition": "{% $states.input.n > 5 %}", "Next": "A", "Assign": {"v": "large"}},
                        {"Condition": "{% $states.input.n > 2 %}", "Next": "A", "Output": "{% $states.input.n * 2 %}"},
                    ],
                    "Default": "A",
                    "Assign": {"v": "{% 'small ' & $states.input.n %}"},
                },
                "A": {"Type": "Pass", "Output": "{% [$states.input, $exists($v) ? $v : 'none'] %}", "End": True},
            },
        ),
        [{"n": 9}, {"n": 3}, {"n": 0}],
    ),
    "no choice": (
        machine(
            "C",
            {
                "C": {"Type": "Choice", "Choices": [{"Condition": "{% false %}", "Next": "S"}]},
                "S": {"Type": "Succeed"},
            },
        ),
        [{}],
    ),
    "retry, catch and variables": (
        machine(
            "A",
            {
                "A": task(
                    Retry=[{"ErrorEquals": ["Busy"], "MaxAttempts": 2}],
                    Catch=[{"ErrorEquals": ["States.ALL"], "Assign": {"e": "{% $states.errorOutput %}"}, "Next": "F"}],
                ),
                "F": {"Type": "Pass", "Output": "{% [$e, $states.input] %}", "End": True},
            },
        ),
        [{"k": None}],
    ),
    "a parallel of scopes": (
        machine(
            "V",
            {
                "V": {"Type": "Pass", "Assign": {"x": 1, "l": [1]}, "Next": "P"},
                "P": {
                    "Type": "Parallel",
                    "Arguments": {"x": "{% $x %}"},
                    "Branches": [
                        scope(
                            "I",
                            I={"Type": "Pass", "Assign": {"own": "{% $x + 1 %}"}, "Next": "J"},
                            J={"Type": "Pass", "Output": {"x": "{% $own %}", "l": "{% $l %}"}, "End": True},
                        ),
                        scope("W", W={"Type": "Wait", "Seconds": 3, "End": True}),
                    ],
                    "Assign": {"y": "{% $states.result[0].x %}"},
                    "Next": "Q",
                },
                "Q": {"Type": "Succeed", "Output": "{% [$states.input, $x, $y] %}"},
            },
        ),
        [{}],
    ),
    "a map": (
        machine(
            "M",
            {
                "M": {
                    "Type": "Map",
                    "Items": "{% $states.input.items %}",
                    "ItemSelector": {
                        "v": "{% $states.context.Map.Item.Value %}",
                        "of": "{% $count($states.input.items) %}",
                    },
                    "ItemProcessor": scope(
                        "I", I={"Type": "Pass", "Output": "{% $string($states.input) %}", "End": True}
                    ),
                    "End": True,
                }
            },
        ),
        [{"items": []}, {"items": ["only"]}, {"items": [1, None, {"a": [2]}]}, {"items": {"a": 1}}, {}],
    ),
    "errors of expressions": (
        machine("A", {"A": {"Type": "Pass", "Output": "{% $states.input.a.b.c %}", "End": True}}),
        [{}, {"a": {"b": {"c": None}}}, {"a": [{"b": {"c": 1}}, {"b": {"c": 2}}]}, {"a": {"b": {"c": []}}}],
    ),
    "fail": (machine("F", {"F": {"Type": "Fail", "Error": "E", "Cause": "{% 'no ' & $states.input %}"}}), ["x"]),
}


@pytest.mark.parametrize("name", LANGUAGE)
def test_machines_of_the_language_run_the_same(name: str) -> None:
    definition, inputs = LANGUAGE[name]
    assert isinstance(definition, dict)
    for given in inputs:
        ours, theirs, calls, others = both(
            definition, given, lambda: Script(A=[Failure("Busy", "c")] * 2 + [Failure("Bad", "d")])
        )
        assert list(ours.entered) == list(theirs.states) and calls == others
        assert ours.error == (theirs.error or "")
        if theirs.error is None:
            assert ours.output == theirs.output
