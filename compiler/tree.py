"""When things run: series, parallel, tasks, the only shapes that Step Functions composes. The second representation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Task:
    """One unit, by name."""

    name: str


@dataclass(frozen=True)
class Series:
    """Two or more, one after the other; never a Series directly inside a Series."""

    items: tuple[Tree, ...]


@dataclass(frozen=True)
class Parallel:
    """Two or more, side by side, ordered by their smallest task name; never a Parallel directly inside a Parallel."""

    items: tuple[Tree, ...]


Tree = Task | Series | Parallel


@dataclass(frozen=True)
class AddedEdge:
    """`after` waits for `before` though it does not depend on it, and starts `delay_s` later than it could."""

    before: str
    after: str
    delay_s: float


@dataclass(frozen=True)
class Plan:
    """A tree that respects every edge of the graph. Seconds; `added` is empty where the graph is series-parallel."""

    tree: Tree | None
    makespan_s: float
    critical_path_s: float
    critical_path: tuple[str, ...]
    added: tuple[AddedEdge, ...]
    strategy: str

    @property
    def ratio(self) -> float:
        """Makespan over critical path; 1.0 where nothing takes time."""
        return self.makespan_s / self.critical_path_s if self.critical_path_s else 1.0


def tasks(tree: Tree | None) -> Iterator[str]:
    """Task names, in the order of the tree."""
    waiting = [tree] if tree is not None else []
    while waiting:
        node = waiting.pop()
        if isinstance(node, Task):
            yield node.name
        else:
            waiting += reversed(node.items)


def makespan(tree: Tree | None, duration_s: Mapping[str, float]) -> float:
    """Seconds from the first start to the last end, with nothing but the tree to wait for."""
    match tree:
        case None:
            return 0.0
        case Task(name):
            return duration_s[name]
        case Series(items):
            return sum(makespan(item, duration_s) for item in items)
        case Parallel(items):
            return max(makespan(item, duration_s) for item in items)


def to_json(tree: Tree | None) -> dict[str, Any] | None:
    """`{"series": [...]}`, `{"parallel": [...]}`, `{"task": "a"}`; None for an empty graph."""
    match tree:
        case None:
            return None
        case Task(name):
            return {"task": name}
        case Series(items):
            return {"series": [to_json(item) for item in items]}
        case Parallel(items):
            return {"parallel": [to_json(item) for item in items]}
