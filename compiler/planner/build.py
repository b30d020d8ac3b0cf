"""From chosen parts to the tree."""

from collections.abc import Iterable, Mapping

from compiler.planner.order import Order, Parts, components
from compiler.tree import Parallel, Series, Task, Tree


def build(given: Order, parts: Mapping[int, Parts]) -> Tree | None:
    """The canonical tree (see tree.py) in which every connected set of two or more nodes runs in its `parts`."""
    if not given.keys:
        return None
    roots = components(given, given.everything)
    sets = list(roots)
    for nodes in sets:  # grows as it is read: a set stands before the sets in it
        sets += [inner for part in parts.get(nodes, ()) for inner in part]
    made: dict[int, tuple[str, Tree]] = {}  # with the smallest key of each
    for nodes in reversed(sets):
        if nodes not in parts:
            key = given.keys[nodes.bit_length() - 1]
            made[nodes] = key, Task(key)
            continue
        items: list[Tree] = []
        first = ""
        for part in parts[nodes]:
            key, tree = _beside(made[inner] for inner in part)
            items += tree.items if isinstance(tree, Series) else (tree,)
            first = min(first or key, key)
        made[nodes] = first, Series(tuple(items))
    return _beside(made[root] for root in roots)[1]


def _beside(trees: Iterable[tuple[str, Tree]]) -> tuple[str, Tree]:
    ordered = sorted(trees, key=lambda each: each[0])
    return ordered[0] if len(ordered) == 1 else (ordered[0][0], Parallel(tuple(tree for _, tree in ordered)))
