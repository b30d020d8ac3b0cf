"""When the tasks of a tree start, exactly, and which edges the tree adds to the order."""

from collections.abc import Iterator, Mapping
from itertools import pairwise

from compiler.planner.order import Order
from compiler.tree import AddedEdge, Parallel, Series, Task, Tree

MOST_ADDED = 10_000
"""Covering edges of a tree up to which all of those are listed that the order lacks."""


def makespan(tree: Tree | None, weights: Mapping[str, int]) -> int:
    """From the first start to the last end, in the unit of the weights."""
    return _spans(tree, weights)[id(tree)] if tree is not None else 0


def _spans(tree: Tree | None, weights: Mapping[str, int]) -> dict[int, int]:
    """The makespan of every part of the tree, by the identity of the part."""
    found: dict[int, int] = {}
    waiting = [tree] if tree is not None else []
    parts = []
    while waiting:
        part = waiting.pop()
        parts.append(part)
        if not isinstance(part, Task):
            waiting += part.items
    for part in reversed(parts):
        if isinstance(part, Task):
            found[id(part)] = weights[part.name]
        else:
            inner = (found[id(item)] for item in part.items)
            found[id(part)] = sum(inner) if isinstance(part, Series) else max(inner)
    return found


def nesting(tree: Tree | None) -> int:
    """How many Parallels stand in each other."""
    deepest = 0
    waiting = [(tree, 0)] if tree is not None else []
    while waiting:
        part, depth = waiting.pop()
        if not isinstance(part, Task):
            depth += isinstance(part, Parallel)
            deepest = max(deepest, depth)
            waiting += [(item, depth) for item in part.items]
    return deepest


def starts(tree: Tree | None, weights: Mapping[str, int]) -> dict[str, int]:
    """When each task starts if nothing waits longer than the tree makes it."""
    spans = _spans(tree, weights)
    found: dict[str, int] = {}
    waiting = [(tree, 0)] if tree is not None else []
    while waiting:
        part, begin = waiting.pop()
        if isinstance(part, Task):
            found[part.name] = begin
            continue
        for item in part.items:
            waiting.append((item, begin))
            if isinstance(part, Series):
                begin += spans[id(item)]
    return found


def added(tree: Tree | None, given: Order) -> tuple[AddedEdge, ...]:
    """The edges that the tree has and the order lacks, the longest delay first, then by name.

    Only covering edges: what they and the order's own edges imply is not listed, so that order and list together make
    the tree's order and nothing more; the list is empty exactly where the tree is the order. Where there are more than
    `MOST_ADDED`, as between wide levels, a task has only that of its edges whose `before` ends last. Either way,
    starting every task as early as order and list allow gives the starts of the plan.

    `delay_s` is above 0 where `after` is held up by the edge: it starts when `before` ends, and all that it depends on
    ended earlier. It is then how much later `after` starts than in a schedule without a tree, in which all start as
    soon as their dependencies have ended.
    """
    if tree is None:
        return ()
    number = {key: index for index, key in enumerate(given.keys)}
    planned = starts(tree, dict(zip(given.keys, given.weights, strict=True)))
    start = [planned[key] for key in given.keys]
    end = [begin + weight for begin, weight in zip(start, given.weights, strict=True)]
    earliest: list[int] = []
    for node in range(len(start)):
        earliest.append(max((earliest[parent] + given.weights[parent] for parent in given.before[node]), default=0))
    barriers = list(_barriers(tree, number))
    many = sum(len(befores) * len(afters) for befores, afters in barriers) > MOST_ADDED
    found = []
    for befores, afters in barriers:
        befores.sort(key=lambda node: (-end[node], node))
        for after in afters:
            needed = max((end[parent] for parent in given.before[after]), default=0)
            for before in befores:
                if not given.above[after] >> before & 1:
                    held = end[before] == start[after] and needed < start[after]
                    delay = given.seconds(start[after] - earliest[after]) if held else 0.0
                    found.append(AddedEdge(given.keys[before], given.keys[after], delay))
                    if many:
                        break
    return tuple(sorted(found, key=lambda edge: (-edge.delay_s, edge.before, edge.after)))


def _barriers(tree: Tree, number: Mapping[str, int]) -> Iterator[tuple[list[int], list[int]]]:
    """What directly precedes what: every one of the first list every one of the second."""
    waiting = [tree]
    while waiting:
        part = waiting.pop()
        if not isinstance(part, Task):
            waiting += part.items
        if isinstance(part, Series):
            for left, right in pairwise(part.items):
                yield [number[key] for key in _ends(left, -1)], [number[key] for key in _ends(right, 0)]


def _ends(tree: Tree, side: int) -> list[str]:
    """The tasks that come first (side 0) or last (side -1)."""
    found, waiting = [], [tree]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Task):
            found.append(part.name)
        elif isinstance(part, Series):
            waiting.append(part.items[side])
        else:
            waiting += part.items
    return found
