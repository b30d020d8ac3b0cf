"""What Dagster's definitions say, as plain data: nothing below `extract` knows Dagster. A `value` may be None."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from compiler.graph import Partitions, Retry
from compiler.vocabulary import Own


@dataclass(frozen=True)
class Mapped:
    """How an asset reads the partitions of one it depends on, where that is not the same partition of it.

    `said` is Dagster's name for it; `everything`: all partitions of the other.
    """

    parent: str
    said: str
    everything: bool = False


@dataclass(frozen=True)
class DeclaredCheckSpec:
    """One check. `made_by` is the name of its op, `own` its function where it has one of its own.

    `of_dagster`: it looks at Dagster's own records (freshness) and means nothing anywhere else.
    """

    asset: str
    name: str
    blocking: bool
    value: Any
    own: Own
    made_by: str
    needs: tuple[str, ...] = ()
    of_dagster: bool = False

    @property
    def where(self) -> str:
        return f"check {self.asset}: {self.name}"


@dataclass(frozen=True)
class DeclaredNode:
    """One asset. `value` is what its metadata says under the key; `op` is empty for what Dagster does not make.

    `partitions` says how it is partitioned (a text for a definition that cannot be compiled), `mapped` which of the
    assets it depends on it reads otherwise than partition by partition.
    """

    key: str
    deps: tuple[str, ...]
    value: Any
    op: str
    group: str
    kinds: tuple[str, ...]
    owners: tuple[str, ...]
    tags: tuple[tuple[str, str], ...]
    partitions: Partitions | str | None
    mapped: tuple[Mapped, ...]
    needs_itself: bool
    code_version: str
    columns: tuple[str, ...]
    table: str
    dbt_id: str

    @property
    def where(self) -> str:
        return f"asset {self.key}"


@dataclass(frozen=True)
class DeclaredOp:
    """What Dagster runs as one: the function and the assets and checks that it makes.

    `takes` are parameters that are given values of other assets; `config`: it cannot start without configuration;
    `graph`: it is a graph of ops.
    """

    name: str
    keys: tuple[str, ...]
    own: Own
    function: str
    can_subset: bool = False
    takes: tuple[str, ...] = ()
    config: bool = False
    graph: bool = False
    retry: Retry | None = None


@dataclass(frozen=True)
class Declared:
    """Everything, sorted. `value` is what the definitions say under the key."""

    value: Any
    nodes: tuple[DeclaredNode, ...]
    ops: tuple[DeclaredOp, ...]
    checks: tuple[DeclaredCheckSpec, ...]
