"""From chosen cuts to the tree."""

from collections.abc import Callable

from compiler.planner.order import Order, components
from compiler.tree import Parallel, Series, Task, Tree

Cut = Callable[[int], tuple[int, ...]]
"""Answers, for a connected set of two or more nodes, its parts in the order in which they run."""


def build(given: Order, cut: Cut) -> Tree | None:
    """Unconnected sets run side by side, connected ones in the parts that `cut` answers; canonical (see tree.py)."""
    if not given.keys:
        return None
    # Every entry: the set, its place in `made` of the entry that asked for it; parts are made before wholes.
    sets: list[tuple[int, bool, int]] = [(given.everything, False, -1)]
    parts: list[list[int]] = []
    kinds: list[type[Series] | type[Parallel] | None] = []
    position = 0
    while position < len(sets):
        nodes, connected, parent = sets[position]
        if parent >= 0:
            parts[parent].append(position)
        parts.append([])
        pieces = (nodes,) if connected else components(given, nodes)
        if len(pieces) > 1:
            kinds.append(Parallel)
            sets += [(piece, True, position) for piece in pieces]
        elif nodes & (nodes - 1):
            kinds.append(Series)
            sets += [(piece, False, position) for piece in cut(nodes)]
        else:
            kinds.append(None)
        position += 1
    trees: list[Tree] = []
    firsts: list[str] = []
    for position in reversed(range(len(sets))):
        kind = kinds[position]
        if kind is None:
            key = given.keys[sets[position][0].bit_length() - 1]
            trees.append(Task(key))
            firsts.append(key)
            continue
        inner = [(firsts[len(sets) - 1 - part], trees[len(sets) - 1 - part]) for part in parts[position]]
        firsts.append(min(first for first, _ in inner))
        if kind is Parallel:
            inner.sort(key=lambda each: each[0])
        items: list[Tree] = []
        for _, item in inner:
            items += item.items if isinstance(item, Series) and kind is Series else (item,)
        trees.append(kind(tuple(items)))
    return trees[-1]
