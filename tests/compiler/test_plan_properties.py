"""What holds of the plan of every graph: edges kept, every node once, never slower than levels, one answer a graph."""

import random

import pytest
import tree_order
from hypothesis import given, settings
from hypothesis import strategies as st

from compiler.plan import plan_graph
from compiler.planner.order import order
from compiler.planner.timing import makespan
from compiler.tree import Parallel, Plan, Series, Task, Tree
from compiler.tree import makespan as plain_makespan

Graph = tuple[dict[str, float], list[tuple[str, str]]]


def holds(graph: Graph, found: Plan) -> None:
    durations, edges = graph
    assert sorted(tree_order.names(found.tree)) == sorted(durations)
    assert tree_order.misshapen(found.tree) == []
    forced = tree_order.forced(found.tree)
    needed = tree_order.closed(edges)
    assert needed <= forced
    listed = [(edge.before, edge.after) for edge in found.added]
    assert tree_order.closed([*edges, *listed]) == forced
    assert all(pair not in tree_order.closed({*edges, *listed} - {pair}) for pair in listed)
    free = tree_order.earliest(durations, edges)
    planned = tree_order.earliest(durations, forced)
    assert {edge.after for edge in found.added if edge.delay_s} == {
        key
        for key in durations
        if planned[key]
        > max((planned[before] + durations[before] for before, after in needed if after == key), default=0)
    }
    for edge in found.added:
        if edge.delay_s:
            assert planned[edge.before] + durations[edge.before] == pytest.approx(planned[edge.after])
            assert edge.delay_s == pytest.approx(planned[edge.after] - free[edge.after])
    assert found.makespan_s == pytest.approx(plain_makespan(found.tree, durations))
    assert found.makespan_s == pytest.approx(tree_order.longest(durations, forced))
    assert found.critical_path_s == pytest.approx(tree_order.longest(durations, edges))
    assert sum(durations[key] for key in found.critical_path) == pytest.approx(found.critical_path_s)
    assert set(zip(found.critical_path, found.critical_path[1:], strict=False)) <= set(edges)
    levels = plan_graph(durations, edges, "levels")
    assert found.critical_path_s <= found.makespan_s <= levels.makespan_s


@st.composite
def small_graphs(draw: st.DrawFn) -> Graph:
    size = draw(st.integers(0, 7))
    keys = [f"{draw(st.sampled_from('abc'))}{number}" for number in draw(st.permutations(range(size)))]
    thousandths = st.integers(0, 1_000_000).map(lambda many: many / 1000)  # one of 5e-324 s vanishes in any sum
    seconds = st.sampled_from((0, 1, 2, 3, 5)) if draw(st.booleans()) else thousandths
    edges = [(keys[i], keys[j]) for i in range(size) for j in range(i + 1, size) if draw(st.booleans())]
    return {key: draw(seconds) for key in keys}, edges


@settings(max_examples=150, deadline=None)
@given(small_graphs())
def test_small_graphs_have_the_best_plan(graph: Graph) -> None:
    found = plan_graph(*graph)
    assert found.makespan_s == pytest.approx(tree_order.best_makespan(*graph))


@settings(max_examples=150, deadline=None)
@given(small_graphs(), st.sampled_from(("levels", "sp")), st.randoms(use_true_random=False))
def test_what_holds_of_small_graphs(graph: Graph, strategy: str, chance: random.Random) -> None:
    durations, edges = graph
    found = plan_graph(durations, edges, strategy)
    holds(graph, found)
    keys = chance.sample(sorted(durations), len(durations))
    assert plan_graph({key: durations[key] for key in keys}, chance.sample(edges, len(edges)), strategy) == found


def random_graph(seed: int) -> Graph:
    """13 to 60 nodes, so that the search has to do more than solve exactly; every kind of duration."""
    chance = random.Random(seed)
    size = chance.randint(13, 60)
    keys = [f"n{number:02}" for number in chance.sample(range(size), size)]
    reach, share = chance.choice(((size, 0.03), (size, 0.1), (size, 0.4), (8, 0.3), (20, 0.15)))
    edges = [
        (keys[i], keys[j]) for i in range(size) for j in range(i + 1, min(size, i + reach)) if chance.random() < share
    ]
    kind = chance.choice(("unit", "lognormal", "some zero", "zero"))
    draw = {
        "unit": lambda: 1.0,
        "lognormal": lambda: chance.lognormvariate(3.5, 1.0),
        "some zero": lambda: chance.choice((0.0, 0.0, 1.0, 30.0)),
        "zero": lambda: 0.0,
    }[kind]
    return {key: draw() for key in keys}, edges


@pytest.mark.parametrize("seed", range(60))
def test_what_holds_of_larger_graphs(seed: int) -> None:
    durations, edges = random_graph(seed)
    found = plan_graph(durations, edges)
    assert set(tree_order.names(found.tree)) == set(durations)
    assert set(edges) <= tree_order.forced(found.tree)
    assert tree_order.misshapen(found.tree) == []
    assert found.critical_path_s <= found.makespan_s <= plan_graph(durations, edges, "levels").makespan_s
    if seed < 10:
        holds((durations, edges), found)
        chance = random.Random(seed)
        keys = chance.sample(sorted(durations), len(durations))
        assert plan_graph({key: durations[key] for key in keys}, chance.sample(edges, len(edges))) == found


def random_tree(chance: random.Random, keys: list[str], kind: type[Series] | type[Parallel]) -> Tree:
    if len(keys) == 1:
        return Task(keys[0])
    places = sorted(chance.sample(range(1, len(keys)), chance.randint(1, min(4, len(keys) - 1))))
    other = Series if kind is Parallel else Parallel
    parts = [keys[i:j] for i, j in zip([0, *places], [*places, len(keys)], strict=True)]
    items = [random_tree(chance, part, other) for part in parts]
    if kind is Parallel:
        items.sort(key=lambda item: min(tree_order.names(item)))
    return kind(tuple(items))


@pytest.mark.parametrize("seed", range(60))
def test_series_parallel_graphs_are_taken_apart_exactly(seed: int) -> None:
    """The graph of a tree gives that tree again, whatever the durations, with or without edges that others imply."""
    chance = random.Random(seed)
    keys = [f"n{number:02}" for number in chance.sample(range(60), chance.randint(1, 60))]
    grown = random_tree(chance, keys, chance.choice((Series, Parallel)))
    durations = {key: chance.choice((0.0, 1.0, chance.lognormvariate(3.5, 1.0))) for key in keys}
    forced = tree_order.forced(grown)
    covers = {(a, b) for a, b in forced if not any((a, c) in forced and (c, b) in forced for c in keys)}
    implied = sorted(forced - covers)
    for edges in (forced, covers, covers | set(chance.sample(implied, len(implied) // 2))):
        found = plan_graph(durations, edges)
        assert (found.tree, found.added) == (grown, ())
        assert found.makespan_s == found.critical_path_s and found.ratio == 1.0


def test_makespans_of_the_planner_are_exact() -> None:
    given_order = order({"a": 0.1, "b": 0.2, "c": 1 / 3}, [("a", "b")])
    weights = dict(zip(given_order.keys, given_order.weights, strict=True))
    both = Parallel((Series((Task("a"), Task("b"))), Task("c")))
    assert given_order.seconds(makespan(both, weights)) == max(0.1 + 0.2, 1 / 3)
    assert given_order.seconds(makespan(None, weights)) == 0.0
