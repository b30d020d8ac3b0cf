"""What is to be seen in a picture, without where: nodes, edges, waits, the tree and the critical path."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from compiler.tree import Parallel, Series, Task, Tree

SEVERAL = "several groups"
"""The group of a unit whose assets are of more than one."""


@dataclass(frozen=True)
class Node:
    """One unit. `kind` is how it runs, `assets` its keys, `select` the key that a selection of it starts with."""

    name: str
    group: str
    duration_s: float
    kind: str
    assets: tuple[str, ...]
    select: str

    @property
    def where(self) -> str:
        """Its group, in words."""
        return self.group if self.group == SEVERAL else f"group {self.group}"


@dataclass(frozen=True, order=True)
class Wait:
    """`after` waits for `before` without depending on it and starts `delay_s` (above 0) later than it could."""

    before: str
    after: str
    delay_s: float


@dataclass(frozen=True)
class Scene:
    """Everything that a picture shows; seconds. `edges` are the real ones, (before, after).

    `waits` are those of the `added` edges of the plan that delay: the others can be as many as pairs of nodes.
    """

    title: str
    nodes: Mapping[str, Node]
    edges: tuple[tuple[str, str], ...]
    tree: Tree | None
    waits: tuple[Wait, ...]
    added: int
    critical: tuple[str, ...]
    makespan_s: float
    critical_path_s: float

    @cached_property
    def starts(self) -> dict[str, float]:
        return starts(self.tree, {name: node.duration_s for name, node in self.nodes.items()})

    @property
    def groups(self) -> tuple[str, ...]:
        return tuple(sorted({node.group for node in self.nodes.values()}))


def starts(tree: Tree | None, duration_s: Mapping[str, float]) -> dict[str, float]:
    """Seconds after the start at which each node of the tree starts."""
    found: dict[str, float] = {}

    def walk(node: Tree, at: float) -> float:
        """Answers when `node` ends."""
        match node:
            case Task(name):
                found[name] = at
                return at + duration_s[name]
            case Series(items):
                for item in items:
                    at = walk(item, at)
                return at
            case Parallel(items):
                return max(walk(item, at) for item in items)

    if tree is not None:
        walk(tree, 0.0)
    return found
