"""When each unit runs: from a graph to a tree of series and parallel that keeps every edge and ends early."""

from collections.abc import Iterable, Iterator, Mapping

from compiler import tree
from compiler.errors import Problem, Refused
from compiler.graph import Graph
from compiler.planner.cycles import cycles
from compiler.planner.levels import levels
from compiler.planner.order import critical_path, order
from compiler.planner.search import search
from compiler.planner.timing import added, makespan

STRATEGIES = ("levels", "sp")
LONGEST_S = 1e15
"""Seconds; a sum of many such durations is still a finite number."""


def plan(graph: Graph, strategy: str = "sp") -> tree.Plan:
    """The plan of the units that run with `on="run"`. Raises `Refused`."""
    durations = {unit.name: unit.duration_s for unit in graph.units if unit.on == "run"}
    return plan_graph(durations, _among(durations, graph.edges), strategy)


def _among(chosen: Iterable[str], edges: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """The edges between chosen nodes, through what is not chosen."""
    kept = set(chosen)
    after: dict[str, set[str]] = {}
    for first, second in edges:
        after.setdefault(first, set()).add(second)
    found = set()
    for first in kept & after.keys():
        waiting, seen = list(after[first]), set()
        while waiting:
            second = waiting.pop()
            if second in kept:
                found.add((first, second))
            elif second not in seen:
                seen.add(second)
                waiting += after.get(second, ())
    return found


def plan_graph(durations: Mapping[str, float], edges: Iterable[tuple[str, str]], strategy: str = "sp") -> tree.Plan:
    """The plan of any acyclic graph; the same for the same graph, in whatever order it is given.

    `durations` in seconds, by key; an edge is (before, after), and an edge given twice is one edge. Strategies:
    "levels" is a barrier after every topological level; "sp" searches (planner/search.py), never slower than "levels".
    Raises `Refused` with every problem: unknown strategy, durations that are negative or not finite, edges that name
    unknown nodes or join a node to itself, cycles.
    """
    pairs = sorted(set(edges))
    problems = [*_strategy(strategy), *_durations(durations), *_edges(durations, pairs)]
    known = [edge for edge in pairs if edge[0] != edge[1] and edge[0] in durations and edge[1] in durations]
    problems += cycles(durations, known)
    if problems:
        raise Refused(problems)
    given = order(durations, known)
    found = levels(given) if strategy == "levels" else search(given)
    longest = critical_path(given)
    return tree.Plan(
        tree=found,
        makespan_s=given.seconds(makespan(found, dict(zip(given.keys, given.weights, strict=True)))),
        critical_path_s=given.seconds(sum(given.weights[node] for node in longest)),
        critical_path=tuple(given.keys[node] for node in longest),
        added=added(found, given),
        strategy=strategy,
    )


def _strategy(strategy: str) -> Iterator[Problem]:
    if strategy not in STRATEGIES:
        yield Problem("strategy", "strategy", f"expected one of {', '.join(STRATEGIES)}, found {strategy!r}")


def _durations(durations: Mapping[str, float]) -> Iterator[Problem]:
    for key, seconds in durations.items():
        if not 0 <= seconds <= LONGEST_S:
            yield Problem(
                "durations",
                key,
                f"expected a duration from 0 to {LONGEST_S:.0e} seconds, found {seconds}",
                "Give the seconds that one run takes, measured or estimated.",
            )


def _edges(durations: Mapping[str, float], edges: Iterable[tuple[str, str]]) -> Iterator[Problem]:
    for before, after in edges:
        where = f"edge {before} -> {after}"
        for key in dict.fromkeys((before, after)):
            if key not in durations:
                yield Problem(
                    "edges", where, f"expected nodes of the graph, found {key!r}", "Add the node or mend its key."
                )
        if before == after:
            yield Problem(
                "edges", where, "expected two nodes, found one twice", "Remove the edge: nothing waits for itself."
            )
