"""When the tasks of a tree start, exactly, and which edges the tree adds to the order."""

from collections.abc import Iterator, Mapping
from itertools import pairwise, product

from compiler.planner.order import Order
from compiler.tree import AddedEdge, Series, Task, Tree


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
    the tree's order and nothing more; the list is empty exactly where the tree is the order. `delay_s` is above 0 where
    `after` is held up by the edge: it starts when `before` ends, and all that it depends on ended earlier. It is then
    how much later `after` starts than in a schedule without a tree, in which all start as soon as their dependencies
    have ended.
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
    found = []
    for first, second in _covers(tree):
        before, after = number[first], number[second]
        if not given.above[after] >> before & 1:
            needed = max((end[parent] for parent in given.before[after]), default=0)
            held = end[before] == start[after] and needed < start[after]
            found.append(AddedEdge(first, second, given.seconds(start[after] - earliest[after]) if held else 0.0))
    return tuple(sorted(found, key=lambda edge: (-edge.delay_s, edge.before, edge.after)))


def _covers(tree: Tree) -> Iterator[tuple[str, str]]:
    """Every pair of tasks of which the second comes directly after the first."""
    waiting = [tree]
    while waiting:
        part = waiting.pop()
        if isinstance(part, Task):
            continue
        waiting += part.items
        if isinstance(part, Series):
            for left, right in pairwise(part.items):
                yield from product(_ends(left, -1), _ends(right, 0))


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
