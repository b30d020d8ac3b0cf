"""The best tree of a small set: every cut is tried, those that promise most first, and no set is solved twice."""

from compiler.planner.order import Order, Parts, bits, components, stages
from compiler.planner.spans import longest, spans


class Exact:
    """The best makespan and parts of every connected set met so far, and the steps of work that they took."""

    def __init__(self, given: Order) -> None:
        self.given = given
        self.makespans = {1 << node: weight for node, weight in enumerate(given.weights)}
        self.parts: dict[int, Parts] = {}
        self.steps = 0

    def tree(self, nodes: int) -> dict[int, Parts]:
        """The parts of a connected set and of every set in them; meant for about a dozen nodes, and recursive."""
        self._solve(nodes)
        found: dict[int, Parts] = {}
        waiting = [nodes]
        while waiting:
            some = waiting.pop()
            if some in self.parts:
                found[some] = self.parts[some]
                waiting += [inner for part in self.parts[some] for inner in part]
        return found

    def _solve(self, nodes: int) -> int:
        if nodes not in self.makespans:
            apart = stages(self.given, nodes)
            if len(apart) > 1:
                self.parts[nodes] = tuple(components(self.given, part) for part in apart)
                self.makespans[nodes] = sum(max(map(self._solve, part)) for part in self.parts[nodes])
            else:
                self._cut(nodes)
        return self.makespans[nodes]

    def _cut(self, nodes: int) -> None:
        found = spans(self.given, nodes)
        earlier = {0}
        for node in found.members:
            needed = self.given.above[node] & nodes
            earlier |= {some | 1 << node for some in earlier if not needed & ~some}
        self.steps += 40 * len(earlier)
        cuts = []
        for early in earlier - {0, nodes}:
            head = max(found.head[node] for node in bits(early))
            tail = max(found.tail[node] for node in bits(nodes ^ early))
            cuts.append((head + tail, abs(2 * early.bit_count() - len(found.members)), early))
        best: int | None = None
        for bound, _, early in sorted(
            cuts
        ):  # the bound of a cut is what it takes if both sides take their longest chain
            if best is not None and bound >= best:
                break
            parts = components(self.given, early), components(self.given, nodes ^ early)
            first = max(map(self._solve, parts[0]))
            if best is not None and first + max(longest(self.given, part) for part in parts[1]) >= best:
                continue
            span = first + max(map(self._solve, parts[1]))
            if best is None or span < best:
                best = span
                self.makespans[nodes], self.parts[nodes] = span, parts
