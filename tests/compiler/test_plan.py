"""Plans of small graphs, literally; what is refused; graphs that are large, deep or odd."""

import json
import subprocess
import sys
import time
from collections.abc import Mapping
from itertools import pairwise
from pathlib import Path

import pytest
import tree_order
from dbt_like_graphs import synthetic

from compiler import tree
from compiler.errors import Refused
from compiler.graph import Asset, Function, Graph, LambdaStep, Machine, Unit
from compiler.plan import plan, plan_graph
from compiler.planner.search import MOST_NESTING
from compiler.planner.timing import nesting
from compiler.tree import AddedEdge

Edges = tuple[tuple[str, str], ...]

# Edges are written ab: b after a. Durations by letter; the tree as it is in JSON.
KNOWN: dict[str, tuple[dict[str, float], str, object, float]] = {
    "chain": ({"a": 1, "b": 2, "c": 3}, "ab bc ac", {"series": [{"task": "a"}, {"task": "b"}, {"task": "c"}]}, 6),
    "diamond": (
        {"a": 1, "b": 2, "c": 3, "d": 4},
        "ab ac bd cd",
        {"series": [{"task": "a"}, {"parallel": [{"task": "b"}, {"task": "c"}]}, {"task": "d"}]},
        8,
    ),
    "two components": (
        {"a": 1, "b": 2, "c": 3},
        "ca",
        {"parallel": [{"series": [{"task": "c"}, {"task": "a"}]}, {"task": "b"}]},
        4,
    ),
    "N cut in the middle": (
        {"a": 5, "b": 5, "c": 1, "d": 9},
        "ac bc bd",
        {"series": [{"parallel": [{"task": "a"}, {"task": "b"}]}, {"parallel": [{"task": "c"}, {"task": "d"}]}]},
        14,
    ),
    "N where one source goes first": (
        {"a": 9, "b": 1, "c": 1, "d": 9},
        "ac bc bd",
        {
            "series": [
                {"task": "b"},
                {"parallel": [{"series": [{"task": "a"}, {"task": "c"}]}, {"task": "d"}]},
            ]
        },
        11,
    ),
    "N where one sink goes last": (
        {"a": 9, "b": 1, "c": 1, "d": 8.5},
        "ac bc bd",
        {"series": [{"parallel": [{"task": "a"}, {"series": [{"task": "b"}, {"task": "d"}]}]}, {"task": "c"}]},
        10.5,
    ),
    "alone": ({"a": 2.5}, "", {"task": "a"}, 2.5),
}


def edges_of(text: str) -> Edges:
    return tuple((pair[0], pair[1]) for pair in text.split())


@pytest.mark.parametrize("name", KNOWN)
def test_known_graphs(name: str) -> None:
    durations, text, expected, makespan = KNOWN[name]
    found = plan_graph(durations, edges_of(text))
    assert tree.to_json(found.tree) == expected
    assert (found.makespan_s, found.strategy) == (makespan, "sp")


def test_nothing_to_plan() -> None:
    for strategy in ("levels", "sp"):
        found = plan_graph({}, (), strategy)
        assert (found.tree, found.makespan_s, found.critical_path, found.added) == (None, 0.0, (), ())
        assert found.ratio == 1.0


def test_levels_wait_for_the_whole_level_before() -> None:
    found = plan_graph({"a": 1, "b": 5, "c": 2, "d": 1, "e": 7}, edges_of("ac bd cd"), "levels")
    assert tree.to_json(found.tree) == {
        "series": [
            {"parallel": [{"task": "a"}, {"task": "b"}, {"task": "e"}]},
            {"task": "c"},
            {"task": "d"},
        ]
    }
    assert (found.makespan_s, found.critical_path_s, found.critical_path) == (10, 7, ("e",))


def test_added_edges_say_who_waits_how_long_for_whom() -> None:
    found = plan_graph({"a": 10, "b": 4, "c": 1, "d": 9}, edges_of("ac bc bd"), "levels")
    assert found.added == (AddedEdge("a", "d", 6.0),)
    assert plan_graph({"a": 4, "b": 4, "c": 1, "d": 9}, edges_of("ac bc bd")).added == (AddedEdge("a", "d", 0.0),)
    assert plan_graph({"a": 1, "b": 2}, edges_of("ab")).added == ()


def test_wide_levels_list_one_edge_a_task() -> None:
    """Two levels of 150 have 22,500 pairs."""
    durations = {f"{kind}{number:03}": float(number) for kind in "ab" for number in range(150)}
    edges = [(f"a{number:03}", f"b{number:03}") for number in range(150)]
    edges += [(f"a{number:03}", f"b{(number + 1) % 150:03}") for number in range(150)]
    found = plan_graph(durations, edges, "levels")
    assert len(found.added) == 150
    assert found.added[0] == AddedEdge("a149", "b001", 148.0)
    planned = tree_order.earliest(durations, [*edges, *((edge.before, edge.after) for edge in found.added)])
    assert {planned[f"b{number:03}"] for number in range(150)} == {149.0}


def test_a_critical_path_is_a_path_and_of_equal_ones_always_the_same() -> None:
    durations = dict.fromkeys("abcdef", 1.0)
    found = plan_graph(durations, edges_of("ac bc cd ce ef df"))
    assert found.critical_path == ("a", "c", "d", "f")
    assert plan_graph(dict(reversed(durations.items())), edges_of("df ef ce cd bc ac")) == found


WRONG: dict[str, tuple[Mapping[str, float], Edges, str, list[tuple[str, str]]]] = {
    "strategy": ({"a": 1}, (), "best", [("strategy", "expected one of levels, sp, found 'best'")]),
    "unknown": (
        {"a": 1},
        (("a", "x"), ("y", "z")),
        "sp",
        [
            ("edge a -> x", "expected nodes of the graph, found 'x'"),
            ("edge y -> z", "expected nodes of the graph, found 'y'"),
            ("edge y -> z", "expected nodes of the graph, found 'z'"),
        ],
    ),
    "itself": ({"a": 1}, (("a", "a"),), "sp", [("edge a -> a", "expected two nodes, found one twice")]),
    "cycle": (
        {"a": 1, "b": 1, "c": 1, "d": 1},
        (("a", "b"), ("b", "c"), ("c", "b"), ("c", "d")),
        "sp",
        [("b", "expected no cycle, found b -> c -> b")],
    ),
    "two cycles and a duration": (
        {"a": 1, "b": 1, "c": -2, "d": 1, "e": float("nan"), "f": float("inf")},
        (("a", "b"), ("b", "a"), ("c", "d"), ("d", "e"), ("e", "c")),
        "sp",
        [
            ("a", "expected no cycle, found a -> b -> a"),
            ("c", "expected no cycle, found c -> d -> e -> c"),
            ("c", "expected a duration from 0 to 1e+15 seconds, found -2"),
            ("e", "expected a duration from 0 to 1e+15 seconds, found nan"),
            ("f", "expected a duration from 0 to 1e+15 seconds, found inf"),
        ],
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_every_problem_is_reported(name: str) -> None:
    durations, edges, strategy, expected = WRONG[name]
    with pytest.raises(Refused) as caught:
        plan_graph(durations, edges, strategy)
    assert [(problem.where, problem.message) for problem in caught.value.problems] == expected
    assert all(problem.hint for problem in caught.value.problems if problem.rule != "strategy")


def test_a_long_cycle_is_told_in_short() -> None:
    keys = [f"n{number:04}" for number in range(3000)]
    with pytest.raises(Refused) as caught:
        plan_graph(dict.fromkeys(keys, 1.0), zip(keys, [*keys[1:], keys[0]], strict=True))
    (problem,) = caught.value.problems
    assert "n0005 -> ... 2988 more ... -> n2994" in problem.message and problem.message.endswith("n2999 -> n0000")


def test_an_edge_given_twice_is_one_edge() -> None:
    assert plan_graph({"a": 1, "b": 1}, edges_of("ab ab")) == plan_graph({"a": 1, "b": 1}, edges_of("ab"))


def test_durations_are_summed_exactly() -> None:
    """0.1 + 0.2 + 0.3 in any order is the same path, and no ratio is a rounding error."""
    durations = {"a": 0.1, "b": 0.2, "c": 0.3, "d": 0.3, "e": 0.2, "f": 0.1}
    found = plan_graph(durations, edges_of("ab bc de ef"))
    assert found.makespan_s == found.critical_path_s and found.ratio == 1.0
    tiny = plan_graph({"a": 5e-324, "b": 1e15, "c": 0.0}, edges_of("ab ac"))
    assert tiny.makespan_s == 1e15


def comb(size: int) -> tuple[dict[str, float], list[tuple[str, str]]]:
    """A chain with a leaf at every node: series-parallel, and as deep as it is long."""
    durations = {f"{kind}{number:04}": 1.0 + number % 7 for number in range(size) for kind in "ab"}
    edges = [(f"a{number:04}", f"{kind}{number + 1:04}") for number in range(size - 1) for kind in "ab"]
    return durations, edges


def test_deep_graphs() -> None:
    chain = [f"n{number:05}" for number in range(5000)]
    found = plan_graph(dict.fromkeys(chain, 1.0), pairwise(chain))
    assert isinstance(found.tree, tree.Series) and len(found.tree.items) == 5000
    assert nesting(plan_graph(*comb(90)).tree) == 90
    deep = plan_graph(*comb(700))
    assert nesting(deep.tree) <= MOST_NESTING and deep.ratio == 1.0
    assert sorted(tree.tasks(deep.tree)) == sorted(comb(700)[0])


def test_a_thousand_nodes_take_a_few_seconds() -> None:
    given = synthetic(1000, 7001)
    began = time.process_time()
    found = plan_graph(given.durations, given.edges)
    assert time.process_time() - began < 8
    assert found.makespan_s <= plan_graph(given.durations, given.edges, "levels").makespan_s


def unit(name: str, duration_s: float = 1.0, on: str = "run") -> Unit:
    return Unit(name, (name,), (LambdaStep(Function(f"f-{name}", f"m:{name}")),), duration_s=duration_s, on=on)


def test_units_of_the_parent_machine_are_looked_through() -> None:
    assets = (Asset("a", unit="a"), Asset("b", ("a",), "b"), Asset("c", ("b",), "c"), Asset("d", unit="d"))
    graph = Graph(Machine("m"), assets, (unit("a", 2.0), unit("b", 50.0, "schedule"), unit("c", 3.0), unit("d", 4.0)))
    found = plan(graph)
    assert tree.to_json(found.tree) == {
        "parallel": [{"series": [{"task": "a"}, {"task": "c"}]}, {"task": "d"}],
    }
    assert (found.makespan_s, found.strategy, plan(graph, "levels").makespan_s) == (5.0, "sp", 7.0)


def test_the_hash_seed_changes_nothing() -> None:
    code = (
        "from dbt_like_graphs import synthetic\n"
        "from compiler.plan import plan_graph\n"
        "for kind in ('dbt', 'sparse'):\n"
        "    given = synthetic(40, 9013, kind)\n"
        "    print(plan_graph(given.durations, set(given.edges)))\n"
    )
    folder = Path(__file__).parent
    root = str(folder.parents[1])
    printed = [
        subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONPATH": f"{root}:{folder}", "PYTHONHASHSEED": seed},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    ]
    assert printed[0] == printed[1] and json.dumps(printed[0]).count("Task") > 70
