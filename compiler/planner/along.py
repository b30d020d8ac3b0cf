"""The best tree whose cuts all follow one line.

A line is an order of a connected set in which everything stands after what it depends on. Every tree is made of cuts
that follow some line: cut a set at a place of the line, so that all before the place runs before all after it; what is
then no longer connected runs side by side; cut each of those again. For a given line the best choice of places is found
by dynamic programming over the stretches of the line, as for a chain of matrices: the time is that of the third power
of the places. A line with more places than that allows is cut between groups of its nodes only.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from operator import add

from compiler.planner.order import Order, Parts, bits, components
from compiler.planner.spans import Spans, longest

FEWEST_GROUPS = 20
MOST_VISITS = 2_000_000
"""Edges times groups, above which there are fewer groups: every edge is looked at once a group."""


@dataclass(frozen=True)
class Along:
    """The best tree found: its makespan, how each set in it is cut, and the steps of work that it took.

    Sets inside one group are not cut, and count as their longest chain.
    """

    makespan: int
    cuts: Mapping[int, Parts]
    steps: int


@dataclass(frozen=True)
class _Piece:
    """A connected part of a stretch. `left[i]` is the longest of what it falls into before its i-th place, `right[i]`
    after it; its places are the borders after its first group up to that before its last."""

    group: int
    last: int
    makespan: int
    left: list[int]
    right: list[int]


def along(given: Order, found: Spans, line: Sequence[int], most_groups: int, known: Mapping[int, int]) -> Along:
    """The best tree of a connected set; `known` are makespans of sets that have a tree already."""
    return _Line(given, found, line, most_groups, known).best()


class _Line:
    def __init__(
        self, given: Order, found: Spans, line: Sequence[int], most_groups: int, known: Mapping[int, int]
    ) -> None:
        self.given = given
        self.known = known
        self.line = line
        self.place = {node: place for place, node in enumerate(line)}
        self.parents = [[self.place[p] for p in given.before[node] if p in self.place] for node in line]
        self.children = [[self.place[c] for c in given.after[node] if c in self.place] for node in line]
        edges = sum(map(len, self.parents))
        self.borders = _borders(found, line, max(FEWEST_GROUPS, min(most_groups, MOST_VISITS // (edges + 1))))
        self.group = [g for g in range(len(self.borders) - 1) for _ in range(self.borders[g], self.borders[g + 1])]
        self.pieces: dict[tuple[int, int], _Piece] = {}
        self.steps = 5 * (len(line) + edges) * len(self.borders)

    def best(self) -> Along:
        for first in reversed(range(len(self.borders) - 1)):
            self._stretches(first)
        whole = self.pieces[0, len(self.line) - 1]
        return Along(whole.makespan, self._cuts(), self.steps)

    def _stretches(self, first: int) -> None:
        """Finds the pieces of all stretches that start with group `first` and have a node in it."""
        start, end = self.borders[first], self.borders[first + 1]
        size = len(self.line)
        root, low = list(range(size)), list(range(size))  # pieces from `start` on: a root is its piece's last place
        later, later_low = list(range(size)), list(range(size))  # pieces from `end` on
        nodes = [1 << node for node in self.line]
        for last in range(first, len(self.borders) - 1):
            begin, stop = self.borders[last], self.borders[last + 1]
            joined: dict[int, list[int]] = {}
            for place in range(begin, stop):
                for parent in self.parents[place]:
                    if parent < start:
                        continue
                    top = _root(root, parent)
                    if top != place:
                        root[top] = place
                        nodes[place] |= nodes[top]
                        if low[top] < low[place]:
                            low[place] = low[top]
                        inner = [top] if top < begin else joined.pop(top, [])
                        if inner:
                            joined.setdefault(place, []).extend(inner)
                    if parent >= end:
                        top = _root(later, parent)
                        if top != place:
                            later[top] = place
                            if later_low[top] < later_low[place]:
                                later_low[place] = later_low[top]
            if last == first:
                for place in range(begin, stop):
                    if root[place] == place:
                        span = self.known.get(nodes[place]) or longest(self.given, nodes[place])
                        self.pieces[low[place], place] = _Piece(first, first, span, [], [])
                continue
            new = {place: inner for place, inner in joined.items() if low[place] < end}
            if not new:
                continue
            behind: dict[int, set[int]] = {place: set() for place in new}
            for place in range(start, end):
                top = _root(root, place)
                if top in behind:
                    behind[top].update(_root(later, child) for child in self.children[place] if end <= child < stop)
            for place, inner in new.items():
                left = self._left(first, last, [(low[top], top) for top in inner])
                right = self._right(first, last, [(later_low[top], top) for top in behind[place]])
                span = min(map(add, left, right))
                better = self.known.get(nodes[place])
                if better is not None and better < span:
                    span = better
                self.pieces[low[place], place] = _Piece(first, last, span, left, right)
            self.steps += len(new) * (last - first + 100)

    def _left(self, first: int, last: int, inner: list[tuple[int, int]]) -> list[int]:
        most = [0] * (last - first)
        for ends in inner:
            piece = self.pieces[ends]
            spans = piece.left + [piece.makespan] * (last - piece.last)
            offset = piece.group - first
            most[offset:] = [a if a > b else b for a, b in zip(most[offset:], spans, strict=True)]
        return most

    def _right(self, first: int, last: int, inner: list[tuple[int, int]]) -> list[int]:
        most = [0] * (last - first)
        for ends in inner:
            piece = self.pieces[ends]
            spans = [piece.makespan] * (piece.group - first) + piece.right
            most[: len(spans)] = [a if a > b else b for a, b in zip(most, spans, strict=False)]
        return most

    def _cuts(self) -> dict[int, Parts]:
        """How the best tree cuts each set that has no better tree yet; of equal places the most balanced."""
        before = [0]
        for node in self.line:
            before.append(before[-1] | 1 << node)
        found: dict[int, Parts] = {}
        waiting = [before[-1]]
        while waiting:
            nodes = waiting.pop()
            places = [self.place[node] for node in bits(nodes)]
            piece = self.pieces[min(places), max(places)]
            if not piece.left or self.known.get(nodes, piece.makespan + 1) <= piece.makespan:
                continue
            count = len(piece.left)
            sums = map(add, piece.left, piece.right)
            _, _, chosen = min((span, abs(2 * place - count + 1), place) for place, span in enumerate(sums))
            early = nodes & before[self.borders[piece.group + 1 + chosen]]
            found[nodes] = components(self.given, early), components(self.given, nodes ^ early)
            waiting += [inner for part in found[nodes] for inner in part if inner & (inner - 1)]
        return found


def _root(parent: list[int], place: int) -> int:
    while parent[place] != place:
        parent[place] = place = parent[parent[place]]
    return place


def _borders(found: Spans, line: Sequence[int], most_groups: int) -> list[int]:
    """Where the line may be cut: everywhere, or near even distances at the place where a cut costs least."""
    size = len(line)
    if size <= most_groups:
        return list(range(size + 1))
    rest = [0] * (size + 1)
    for place in reversed(range(size)):
        rest[place] = max(rest[place + 1], found.tail[line[place]])
    cost = []
    done = 0
    for place in range(size):
        cost.append(done + rest[place])
        done = max(done, found.head[line[place]])
    borders = [0]
    for number in range(1, most_groups):
        middle = number * size // most_groups
        reach = size // most_groups // 2
        near = range(max(borders[-1] + 1, middle - reach), min(middle + reach, size - 1) + 1)
        if near:
            borders.append(min(near, key=lambda place: (cost[place], abs(place - middle))))
    return [*borders, size]
