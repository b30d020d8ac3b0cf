"""How long the chains of a set are: through each node, up to it and from it on."""

from collections.abc import Sequence
from dataclasses import dataclass
from heapq import heapify, heappop, heappush

from compiler.planner.order import Order, bits


@dataclass(frozen=True)
class Spans:
    """`head` is the longest chain that ends with a node, `tail` the longest that starts with it, both with its weight.

    Lists by node number, 0 for nodes outside the set; `members` are the nodes of the set, ascending.
    """

    members: tuple[int, ...]
    head: Sequence[int]
    tail: Sequence[int]
    longest: int


def spans(given: Order, nodes: int) -> Spans:
    """The spans of a set; chains through nodes outside it do not count."""
    members = tuple(bits(nodes))
    weights = given.weights
    head = [0] * len(weights)
    tail = [0] * len(weights)
    for node in members:
        most = 0
        for parent in given.before[node]:
            if head[parent] > most:
                most = head[parent]
        head[node] = most + weights[node]
    for node in reversed(members):
        most = 0
        for child in given.after[node]:
            if tail[child] > most:
                most = tail[child]
        tail[node] = most + weights[node]
    return Spans(members, head, tail, max(head[node] for node in members))


def longest(given: Order, nodes: int) -> int:
    """The longest chain of a set: no tree of the set ends earlier."""
    head: dict[int, int] = {}
    found = 0
    for node in bits(nodes):
        most = 0
        for parent in given.before[node]:
            if parent in head and head[parent] > most:
                most = head[parent]
        head[node] = most = most + given.weights[node]
        if most > found:
            found = most
    return found


def line(given: Order, members: Sequence[int], keys: Sequence[int]) -> list[int]:
    """The members in an order that keeps the given one and otherwise puts lower keys (by node number) first."""
    inside = set(members)
    waits = {node: sum(parent in inside for parent in given.before[node]) for node in members}
    ready = [(keys[node], node) for node in members if not waits[node]]
    heapify(ready)
    found = []
    while ready:
        _, node = heappop(ready)
        found.append(node)
        for child in given.after[node]:
            if child in waits:
                waits[child] -= 1
                if not waits[child]:
                    heappush(ready, (keys[child], child))
    return found
