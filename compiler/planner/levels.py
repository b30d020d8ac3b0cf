"""The simplest plan: a barrier after every topological level."""

from compiler.planner.order import Order
from compiler.tree import Parallel, Series, Task, Tree


def levels(given: Order) -> Tree | None:
    """Every task stands in the level after the last of what it depends on; a level starts when the one before ended."""
    depth: list[int] = []
    rows: list[list[str]] = []
    for node, key in enumerate(given.keys):
        depth.append(max((depth[parent] + 1 for parent in given.before[node]), default=0))
        if depth[node] == len(rows):
            rows.append([])
        rows[depth[node]].append(key)
    items: list[Tree] = [
        Task(row[0]) if len(row) == 1 else Parallel(tuple(Task(key) for key in sorted(row))) for row in rows
    ]
    return Series(tuple(items)) if len(items) > 1 else items[0] if items else None
