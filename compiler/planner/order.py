"""The order that a plan has to keep: nodes as numbers, sets of nodes as the bits of an integer.

Numbers are given in a topological order with ties broken by key, so that the same graph gets the same numbers however
it was written down, and the lowest bit of a set is one of its first nodes. Seconds are whole numbers of a unit so
small that every given duration is exact: nothing in the planner is rounded before the end.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from heapq import heapify, heappop, heappush
from math import lcm

Parts = tuple[tuple[int, ...], ...]
"""What runs one after the other: for each part the connected sets that run side by side in it."""


@dataclass(frozen=True)
class Order:
    """A partial order with a weight a node. All of it by node number.

    `before` and `after` hold the direct neighbours in the transitive reduction, ascending, `beside` both as a set;
    `above` and `below` are the sets of all that must come earlier or later. A weight is the duration times `scale`.
    """

    keys: tuple[str, ...]
    weights: tuple[int, ...]
    scale: int
    before: tuple[tuple[int, ...], ...]
    after: tuple[tuple[int, ...], ...]
    above: tuple[int, ...]
    below: tuple[int, ...]
    beside: tuple[int, ...]

    @property
    def everything(self) -> int:
        return (1 << len(self.keys)) - 1

    def seconds(self, weight: int) -> float:
        return float(Fraction(weight, self.scale))


def bits(nodes: int) -> Iterator[int]:
    """The numbers in a set, ascending."""
    while nodes:
        low = nodes & -nodes
        yield low.bit_length() - 1
        nodes ^= low


def order(durations: Mapping[str, float], edges: Iterable[tuple[str, str]]) -> Order:
    """The order of a graph without cycles whose edges join known nodes; durations in seconds, not negative."""
    after: dict[str, set[str]] = {key: set() for key in durations}
    waits = dict.fromkeys(durations, 0)
    for first, second in set(edges):
        after[first].add(second)
        waits[second] += 1
    ready = [key for key, count in waits.items() if not count]
    heapify(ready)
    keys: list[str] = []
    while ready:
        key = heappop(ready)
        keys.append(key)
        for second in after[key]:
            waits[second] -= 1
            if not waits[second]:
                heappush(ready, second)
    number = {key: index for index, key in enumerate(keys)}
    parents: list[list[int]] = [[] for _ in keys]
    for key in keys:
        for second in after[key]:
            parents[number[second]].append(number[key])
    ratios = [Fraction(durations[key]) for key in keys]
    scale = lcm(*(ratio.denominator for ratio in ratios))
    return _reduced(tuple(keys), tuple(int(ratio * scale) for ratio in ratios), scale, parents)


def _reduced(keys: tuple[str, ...], weights: tuple[int, ...], scale: int, parents: list[list[int]]) -> Order:
    count = len(keys)
    above = [0] * count
    before: list[tuple[int, ...]] = []
    after: list[list[int]] = [[] for _ in keys]
    for node in range(count):
        known = 0
        covering = []
        for parent in sorted(parents[node], reverse=True):  # what lies between has a higher number than what it hides
            if not known >> parent & 1:
                covering.append(parent)
                known |= above[parent] | 1 << parent
        above[node] = known
        before.append(tuple(reversed(covering)))
        for parent in covering:
            after[parent].append(node)
    below = [0] * count
    beside = [0] * count
    for node in reversed(range(count)):
        for child in after[node]:
            below[node] |= below[child] | 1 << child
            beside[node] |= 1 << child
        for parent in before[node]:
            beside[node] |= 1 << parent
    return Order(
        keys, weights, scale, tuple(before), tuple(map(tuple, after)), tuple(above), tuple(below), tuple(beside)
    )


def critical_path(given: Order) -> tuple[int, ...]:
    """The longest chain; of several, the one whose nodes have the lowest numbers from the end on."""
    head: list[int] = []
    for node, weight in enumerate(given.weights):
        head.append(weight + max((head[parent] for parent in given.before[node]), default=0))
    path: list[int] = []
    choices: Sequence[int] = range(len(head))
    while choices:
        path.append(max(choices, key=lambda node: (head[node], -node)))
        choices = given.before[path[-1]]
    return tuple(reversed(path))


def components(given: Order, nodes: int) -> tuple[int, ...]:
    """The connected parts of a set, by their lowest number."""
    found = []
    beside = given.beside
    while nodes:
        part = frontier = nodes & -nodes
        while frontier:
            low = frontier & -frontier
            new = beside[low.bit_length() - 1] & nodes & ~part
            part |= new
            frontier ^= low | new
        found.append(part)
        nodes ^= part
    return tuple(found)


def stages(given: Order, nodes: int) -> tuple[int, ...]:
    """The most parts of a set of which each comes wholly before the next; the set alone if there is no such cut."""
    found = []
    part = 0
    common = rest = nodes  # common: what comes after everything seen so far
    for node in bits(nodes):
        low = 1 << node
        part |= low
        rest ^= low
        common &= given.below[node]
        if rest == common:
            found.append(part)
            part = 0
        elif not common:
            return (*found, part | rest)
    return tuple(found)
