"""What a tree means, and the best tree of a small graph, worked out apart from the planner: slow, plain, for tests."""

from collections.abc import Iterable, Mapping
from functools import cache

from compiler.tree import Parallel, Series, Task, Tree

Pairs = set[tuple[str, str]]


def names(tree: Tree | None) -> list[str]:
    if tree is None:
        return []
    return [tree.name] if isinstance(tree, Task) else [name for item in tree.items for name in names(item)]


def forced(tree: Tree | None) -> Pairs:
    """Every (before, after) that the tree makes run one after the other."""
    if tree is None or isinstance(tree, Task):
        return set()
    found = {pair for item in tree.items for pair in forced(item)}
    if isinstance(tree, Series):
        for number, item in enumerate(tree.items):
            later = [name for other in tree.items[number + 1 :] for name in names(other)]
            found |= {(before, after) for before in names(item) for after in later}
    return found


def closed(edges: Iterable[tuple[str, str]]) -> Pairs:
    """The edges with all that they imply."""
    after: dict[str, set[str]] = {}
    for first, second in edges:
        after.setdefault(first, set()).add(second)
    found: Pairs = set()
    for first in after:
        waiting = list(after[first])
        while waiting:
            second = waiting.pop()
            if (first, second) not in found:
                found.add((first, second))
                waiting += after.get(second, ())
    return found


def earliest(durations: Mapping[str, float], edges: Iterable[tuple[str, str]]) -> dict[str, float]:
    """When each node starts if all start as soon as the edges allow."""
    before: dict[str, list[str]] = {key: [] for key in durations}
    for first, second in edges:
        before[second].append(first)

    @cache
    def start(key: str) -> float:
        return max((start(first) + durations[first] for first in before[key]), default=0.0)

    return {key: start(key) for key in durations}


def longest(durations: Mapping[str, float], edges: Iterable[tuple[str, str]]) -> float:
    """The critical path in seconds."""
    return max((begin + durations[key] for key, begin in earliest(durations, edges).items()), default=0.0)


def misshapen(tree: Tree | None) -> list[str]:
    """What is not canonical in a tree."""
    if tree is None or isinstance(tree, Task):
        return []
    wrong = [problem for item in tree.items for problem in misshapen(item)]
    if len(tree.items) < 2:
        wrong.append(f"one item: {tree}")
    wrong += [f"nested: {tree}" for item in tree.items if type(item) is type(tree)]
    if isinstance(tree, Parallel):
        firsts = [min(names(item)) for item in tree.items]
        wrong += [f"not sorted: {tree}"] if firsts != sorted(firsts) else []
    return wrong


def best_makespan(durations: Mapping[str, float], edges: Iterable[tuple[str, str]]) -> float:
    """The shortest makespan of any tree that keeps the edges.

    A tree is a Parallel of what is not connected, or a Series whose first cut parts a set that is closed towards its
    start from the rest: all such cuts are tried, for every set that comes up.
    """
    pairs = closed(edges)

    @cache
    def best(nodes: frozenset[str]) -> float:
        if len(nodes) <= 1:
            return sum(durations[key] for key in nodes)
        parts = connected(nodes)
        if len(parts) > 1:
            return max(best(part) for part in parts)
        return min(best(early) + best(nodes - early) for early in starts_of(nodes))

    def connected(nodes: frozenset[str]) -> list[frozenset[str]]:
        found = []
        rest = set(nodes)
        while rest:
            part: set[str] = set()
            waiting = {rest.pop()}
            while waiting:
                key = waiting.pop()
                part.add(key)
                near = {other for other in rest if (key, other) in pairs or (other, key) in pairs}
                rest -= near
                waiting |= near
            found.append(frozenset(part))
        return found

    def starts_of(nodes: frozenset[str]) -> list[frozenset[str]]:
        found = {frozenset[str]()}
        waiting = [frozenset[str]()]
        while waiting:
            early = waiting.pop()
            for key in nodes - early:
                larger = early | {key}
                if larger not in found and all(first in early for first in nodes if (first, key) in pairs):
                    found.add(larger)
                    waiting.append(larger)
        return [early for early in found if early and early != nodes]

    return best(frozenset(durations))
