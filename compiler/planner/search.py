"""The search for a plan that ends early."""

from compiler.planner.build import build
from compiler.planner.levels import levels
from compiler.planner.order import Order, bits, stages
from compiler.planner.timing import makespan
from compiler.tree import Tree


def search(given: Order) -> Tree | None:
    """The best tree found; never slower than level barriers."""
    weights = dict(zip(given.keys, given.weights, strict=True))
    found = build(given, lambda nodes: _parts(given, nodes))
    plain = levels(given)
    return min((found, plain), key=lambda tree: makespan(tree, weights))


def _parts(given: Order, nodes: int) -> tuple[int, ...]:
    exact = stages(given, nodes)
    if len(exact) > 1:
        return exact
    head: dict[int, int] = {}
    tail: dict[int, int] = {}
    members = list(bits(nodes))
    for node in members:
        head[node] = given.weights[node] + max((head.get(p, 0) for p in given.before[node]), default=0)
    for node in reversed(members):
        tail[node] = given.weights[node] + max((tail.get(p, 0) for p in given.after[node]), default=0)
    best: tuple[int, int, int] | None = None
    for order in (
        sorted(members, key=lambda node: (head[node], node)),
        sorted(members, key=lambda node: (head[node] - given.weights[node], node)),
        sorted(members, key=lambda node: (-tail[node], node)),
        sorted(members, key=lambda node: (given.weights[node] - tail[node], node)),
    ):
        rest = [0]
        for node in reversed(order):
            rest.append(max(rest[-1], tail[node]))
        done = chosen = 0
        for count, node in enumerate(order[:-1], 1):
            done = max(done, head[node])
            chosen |= 1 << node
            value = (done + rest[len(order) - count], abs(2 * count - len(order)), chosen)
            if best is None or value < best:
                best = value
    assert best is not None
    return best[2], nodes ^ best[2]
