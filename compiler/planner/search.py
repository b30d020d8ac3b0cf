"""The search for the tree that ends first.

What can be taken apart without loss is: sets that are not connected run side by side, and a set of which one part comes
wholly before another is cut there. What then remains of more than a dozen nodes has no exact tree, and is cut along a
line (along.py): first that of the middles of the times between which each node could run, later others, in which some
nodes have moved within those times. Only sets that decide the makespan are tried again, in turns of equal work, until
the makespan is the critical path or the work is used up. Work is counted in steps, not seconds, and the choice of what
to move comes from a generator with a fixed seed: the same graph gets the same tree.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from random import Random

from compiler.planner.along import Along, along
from compiler.planner.build import build
from compiler.planner.exact import Exact
from compiler.planner.levels import levels
from compiler.planner.order import Order, Parts, components, stages
from compiler.planner.spans import Spans, line, longest, spans
from compiler.planner.timing import makespan, nesting
from compiler.tree import Tree

MOST_EXACT = 12
"""Nodes of a set that is solved exactly."""
GROUPS = (100, 50, 25)
"""Between how many groups a line is cut, in turn: more take longer, fewer let more lines be tried."""
MOST_NESTING = 100
"""Parallels in each other. Deeper trees are cut where that costs least: definitions have to be readable by parsers."""
STEPS_PER_NODE = 60_000
MOST_STEPS = 15_000_000
"""About ten million a second on a slow core."""
MOST_FAILURES = 300
"""Tries without success in a row, after which a set is left as it is."""


def search(given: Order) -> Tree | None:
    """The best tree found; never slower than level barriers."""
    weights = dict(zip(given.keys, given.weights, strict=True))
    found = Search(given).best()
    if nesting(found) > MOST_NESTING:
        found = Search(given, flat=2 * MOST_NESTING).best()
    return min((found, levels(given)), key=lambda tree: makespan(tree, weights))


@dataclass
class _Tries:
    """What a set has been tried with: the keys of its best line, the steps taken, the failures since a success."""

    found: Spans
    keys: list[int]
    steps: int = 0
    failures: int = 0


class Search:
    """The best cuts known. `parts` and `makespans` are by connected set; both hold every set of the current tree.

    Sets of more than `flat` nodes are cut along a line even where they could be taken apart without loss.
    """

    def __init__(self, given: Order, flat: int | None = None) -> None:
        self.given = given
        self.flat = flat or len(given.keys)
        self.roots = components(given, given.everything)
        self.exact = Exact(given)
        self.parts: dict[int, Parts] = {}
        self.makespans = {1 << node: weight for node, weight in enumerate(given.weights)}
        self.chains = dict(self.makespans)
        self.tries: dict[int, _Tries] = {}
        self.finished: set[int] = set()
        self.random = Random(0)
        self.steps = 0

    def best(self) -> Tree | None:
        """The best tree that the work allows."""
        for root in self.roots:
            self._complete(root)
        most = min(MOST_STEPS, STEPS_PER_NODE * len(self.given.keys))
        while self.steps < most and (late := self._late()):
            nodes = min(late, key=lambda nodes: (self.tries[nodes].steps if nodes in self.tries else 0, nodes))
            if self._again(nodes):
                for root in self.roots:
                    self._complete(root)
        return build(self.given, self.parts)

    def _complete(self, root: int) -> int:
        """Finds parts for the sets of a tree that have none yet, and the makespans of all; answers that of the root."""
        found = []
        waiting = [root]
        while waiting:
            nodes = waiting.pop()
            if nodes & (nodes - 1):
                if nodes not in self.parts:
                    self._first(nodes)
                found.append(nodes)
                waiting += [inner for part in self.parts[nodes] for inner in part]
        for nodes in reversed(found):
            self.makespans[nodes] = sum(max(self.makespans[inner] for inner in part) for part in self.parts[nodes])
        return self.makespans[root]

    def _first(self, nodes: int) -> None:
        apart = self._apart(nodes)
        if len(apart) > 1:
            self.finished.add(nodes)
            self.parts[nodes] = apart
        elif nodes.bit_count() <= MOST_EXACT:
            self.parts |= self._exact(nodes)
        else:
            self.parts |= self._along(nodes, self._middles(nodes).keys).cuts

    def _apart(self, nodes: int) -> Parts:
        if nodes.bit_count() > self.flat:
            return ((nodes,),)
        return tuple(components(self.given, part) for part in stages(self.given, nodes))

    def _exact(self, nodes: int) -> dict[int, Parts]:
        before = self.exact.steps
        found = self.exact.tree(nodes)
        self.steps += self.exact.steps - before
        self.finished |= found.keys()
        return found

    def _late(self) -> list[int]:
        """The sets that decide the makespan, take longer than their longest chain and may be tried again."""
        most = max((self.makespans[root] for root in self.roots), default=0)
        found = []
        waiting = [root for root in self.roots if self.makespans[root] == most]
        while waiting:
            nodes = waiting.pop()
            if nodes not in self.chains:
                self.chains[nodes] = longest(self.given, nodes)
            if self.makespans[nodes] > self.chains[nodes]:
                if nodes not in self.finished:
                    found.append(nodes)
                for part in self.parts[nodes]:
                    last = max(self.makespans[inner] for inner in part)
                    waiting += [inner for inner in part if self.makespans[inner] == last]
        return found

    def _middles(self, nodes: int) -> _Tries:
        """The set with the first keys of its line: twice the middle of the times in which each node may run."""
        found = spans(self.given, nodes)
        keys = [head + found.longest - tail for head, tail in zip(found.head, found.tail, strict=True)]
        return self.tries.setdefault(nodes, _Tries(found, keys))

    def _along(self, nodes: int, keys: list[int]) -> Along:
        tries = self.tries[nodes]
        places = line(self.given, tries.found.members, keys)
        answer = along(self.given, tries.found, places, GROUPS[tries.failures % len(GROUPS)], self.makespans)
        tries.steps += answer.steps
        self.steps += answer.steps
        return answer

    def _again(self, nodes: int) -> bool:
        """Tries to make a set end earlier."""
        if nodes.bit_count() <= MOST_EXACT:
            return self._replace(nodes, self._exact(nodes))
        if nodes not in self.tries:
            apart = self._apart(nodes)
            if len(apart) > 1:
                self.finished.add(nodes)
                return self._replace(nodes, {nodes: apart})
            keys = self._middles(nodes).keys
        else:
            keys = self._moved(self.tries[nodes])
        tries = self.tries[nodes]
        answer = self._along(nodes, keys)
        old = self.makespans[nodes]
        if answer.makespan <= old:
            tries.keys = keys
        if answer.makespan < old and self._replace(nodes, answer.cuts):
            tries.failures = 0
            return True
        tries.failures += 1
        if tries.failures == MOST_FAILURES:
            self.finished.add(nodes)
        return False

    def _replace(self, nodes: int, cuts: Mapping[int, Parts]) -> bool:
        """Takes other cuts for a set and sets in it if the set then ends earlier."""
        old = self.makespans[nodes]
        saved = {some: self.parts[some] for some in cuts if some in self.parts}
        self.parts |= cuts
        if self._complete(nodes) < old:
            return True
        self.parts |= saved
        self._complete(nodes)
        return False

    def _moved(self, tries: _Tries) -> list[int]:
        """Other keys: some nodes elsewhere in the times in which they may run, or all a little."""
        found, roll = tries.found, self.random.getrandbits
        keys = list(tries.keys)
        share = (3, 13, 26, 77, 256)[roll(8) % 5]
        if roll(1):
            for node in found.members:
                if roll(8) < share:
                    head, weight = found.head[node], self.given.weights[node]
                    slack = found.longest - head - found.tail[node] + weight
                    keys[node] = 2 * head - weight + (slack * roll(16) >> 15)
        else:
            most = found.longest * (2, 4, 8, 16)[roll(2)]
            for node in found.members:
                if roll(8) < share:
                    keys[node] += most * (roll(16) - (1 << 15)) >> 22
        return keys
