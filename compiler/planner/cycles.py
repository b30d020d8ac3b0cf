"""Whether a graph has cycles, each told as a path."""

from collections.abc import Iterable, Iterator

from compiler.errors import Problem


def cycles(nodes: Iterable[str], edges: Iterable[tuple[str, str]]) -> Iterator[Problem]:
    """One problem a knot of nodes that all wait for one another, with a shortest way round it."""
    after: dict[str, list[str]] = {node: [] for node in sorted(nodes)}
    for first, second in sorted(edges):
        after[first].append(second)
    for knot in _knots(after):
        if len(knot) > 1:
            path = _round(min(knot), knot, after)
            yield Problem(
                "cycles",
                path[0],
                f"expected no cycle, found {_told(path)}",
                "Remove one of these edges: each of these waits for the one before it, so none can start.",
            )


def _told(path: list[str]) -> str:
    shown = path if len(path) <= 12 else [*path[:6], f"... {len(path) - 12} more ...", *path[-6:]]
    return " -> ".join([*shown, path[0]])


def _round(start: str, knot: set[str], after: dict[str, list[str]]) -> list[str]:
    came_from: dict[str, str] = {}
    row = [start]
    while start not in came_from:
        following = []
        for node in row:
            for second in after[node]:
                if second in knot and second not in came_from:
                    came_from[second] = node
                    following.append(second)
        row = following
    path = [came_from[start]]
    while path[-1] != start:
        path.append(came_from[path[-1]])
    return path[::-1]


def _knots(after: dict[str, list[str]]) -> Iterator[set[str]]:
    """Strongly connected components (Tarjan's algorithm with a stack of its own)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    path: list[str] = []
    on_path: set[str] = set()
    for root in after:
        if root in index:
            continue
        work = [(root, iter(after[root]))]
        index[root] = low[root] = len(index)
        path.append(root)
        on_path.add(root)
        while work:
            node, children = work[-1]
            for child in children:
                if child not in index:
                    index[child] = low[child] = len(index)
                    path.append(child)
                    on_path.add(child)
                    work.append((child, iter(after[child])))
                    break
                if child in on_path:
                    low[node] = min(low[node], index[child])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[node])
                if low[node] == index[node]:
                    knot: set[str] = set()
                    while node not in knot:
                        knot.add(path.pop())
                    on_path -= knot
                    yield knot
