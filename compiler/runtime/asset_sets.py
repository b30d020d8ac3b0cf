"""Sets of assets of the compiled graph, as Dagster 1.13 finds them: by attribute, by neighbourhood, by reach.

What is made elsewhere (no unit) is found by key, owner, is: and partitions: and is walked through; nothing else finds
it, and nothing upstream of something is ever among the found unless a unit makes it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence

from compiler.runtime.graph_file import Node, SelectionGraph

Keys = frozenset[str]
Beside = Mapping[str, Sequence[str]]

KIND_TAG = "dagster/kind/"
LISTED_MAX = 20
NOTHING: Keys = frozenset()


class AssetSets:
    """Answers about one graph. Depths are numbers of levels; None is all of them."""

    def __init__(self, graph: SelectionGraph) -> None:
        self.nodes = graph.nodes
        self.everything: Keys = frozenset(graph.nodes)
        self.made: Keys = frozenset(key for key, node in graph.nodes.items() if node.unit)
        self._time = graph.periods is not None and graph.periods.kind != "static"
        self._above: dict[str, list[str]] = {key: [] for key in graph.nodes}
        self._below: dict[str, list[str]] = {key: [] for key in graph.nodes}
        for key, node in graph.nodes.items():
            for parent in node.deps:
                if parent in graph.nodes:
                    self._above[key].append(parent)
                    self._below[parent].append(key)

    def key(self, pattern: str) -> Keys:
        return frozenset(filter(_wild(pattern), self.everything))

    def group(self, pattern: str | None) -> Keys:
        matches = _wild(pattern or "")
        return self._where(lambda node: bool(pattern) and matches(node.group))

    def kind(self, kind: str | None) -> Keys:
        if kind is None:
            return self._where(lambda node: not any(tag.startswith(KIND_TAG) for tag in _tags(node)))
        return self._where(lambda node: KIND_TAG + kind in _tags(node))

    def owner(self, owner: str | None) -> Keys:
        return frozenset(key for key, node in self.nodes.items() if owner in node.owners)

    def tag(self, tag: str, value: str) -> Keys:
        return self._where(lambda node: _tags(node).get(tag) == value)

    def partitions(self, kind: str | None) -> Keys:
        partitioned = "time" if self._time else "static"
        asked = "none" if kind is None else kind
        return frozenset(
            key for key, node in self.nodes.items() if (partitioned if node.partitioned else "none") == asked
        )

    def upstream(self, found: Keys, depth: int | None) -> Keys:
        return _reach(found, self._above, depth) & self.made

    def downstream(self, found: Keys, depth: int | None) -> Keys:
        return _reach(found, self._below, depth)

    def sinks(self, found: Keys) -> Keys:
        """Those that no other of them depends on, over whatever lies between."""
        return found - _reach(_next(found, self._above), self._above, None)

    def roots(self, found: Keys) -> Keys:
        """Those that depend on no other of them, over whatever lies between."""
        return found - _reach(_next(found, self._below), self._below, None)

    def with_neighbours(self, found: Keys) -> Keys:
        """And those that always run with them."""
        return found | {other for key in found for other in self.nodes[key].neighbours if other in self.nodes}

    def near(self, key: str) -> str:
        """What there is instead of a key that is not known, in words."""
        import difflib

        near = difflib.get_close_matches(key, sorted(self.made), n=3)
        return f"did you mean {', '.join(near)}?" if near else self.known()

    def known(self) -> str:
        return f"Known assets: {some(self.made)}"

    def _where(self, wanted: Callable[[Node], bool]) -> Keys:
        return frozenset(key for key in self.made if wanted(self.nodes[key]))


def some(keys: Iterable[str]) -> str:
    """The first of the keys, and how many more there are."""
    known = sorted(keys)
    rest = f" and {len(known) - LISTED_MAX} more" if len(known) > LISTED_MAX else ""
    return ", ".join(known[:LISTED_MAX]) + rest


def _wild(pattern: str) -> Callable[[str], bool]:
    compiled = re.compile(".*".join(re.escape(part) for part in pattern.split("*")))
    return lambda text: compiled.fullmatch(text) is not None


def _tags(node: Node) -> Mapping[str, str]:
    return {**{KIND_TAG + kind: "" for kind in node.kinds}, **node.tags}


def _next(found: Keys, beside: Beside) -> Keys:
    """One step on; an asset that depends on itself does not stand beside itself."""
    return frozenset(other for key in found for other in beside[key] if other != key)


def _reach(found: Keys, beside: Beside, depth: int | None) -> Keys:
    reached, edge = set(found), set(found)
    while edge and (depth is None or depth > 0):
        edge = {other for key in edge for other in beside[key]} - reached
        reached |= edge
        depth = None if depth is None else depth - 1
    return frozenset(reached)
