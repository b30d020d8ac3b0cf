"""The value on an asset: how it runs in AWS, as steps of the graph."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from compiler.errors import Problem
from compiler.graph import ContainerStep, LambdaStep, MapStep, StatementStep, Step
from compiler.vocabulary import (
    CONTAINER_VARIABLE,
    LABEL,
    SECONDS_MAX,
    WORD,
    Own,
    Settings,
    function,
    permissions,
    top,
)
from compiler.vocabulary_fields import TEXT, Fields

STATEMENTS_MAX = 40
"""Of one transaction of the Redshift Data API."""

STATEMENT_SECONDS_MAX = 86_400
"""After which the Data API has ended every statement."""


@dataclass(frozen=True)
class DeclaredAsset:
    """The value on an asset. `word` is what its container is asked for, empty where none was declared.

    `dbt`: the container runs dbt, whose tests it makes. `inside`: the steps make the asset's own checks and raise where
    a blocking one fails.
    """

    steps: tuple[Step, ...]
    word: str = ""
    dbt: bool = False
    duration_s: float | None = None
    on: str = "run"
    inside: bool = False

    @property
    def container(self) -> ContainerStep | None:
        return next((step for step in self.steps if isinstance(step, ContainerStep)), None)


def read_asset(
    value: object, where: str, settings: Settings, own: Own
) -> tuple[DeclaredAsset | None, tuple[Problem, ...]]:
    """The value on an asset; None beside the problems where it cannot be used."""
    fields, problems = top(where, value)
    if not problems:
        declared = _asset(fields, settings, own)
        fields.done()
        if not problems and declared:
            return declared, ()
    return None, tuple(problems)


_Reader = Callable[[Fields, Settings, Own], tuple[Step | None, str]]


def _asset(fields: Fields, settings: Settings, own: Own) -> DeclaredAsset | None:
    duration = fields.number("duration_s", None, 0.0)
    on = fields.choice("on", "run", ("run", "schedule"))
    inside = fields.choice("checks", "", ("inside",)) == "inside"
    kinds = [kind for kind in ("chain", *_READERS) if fields.has(kind)]
    if len(kinds) != 1:
        listed = ", ".join(f'"{kind}"' for kind in ("lambda", "chain", "map", "statement", "fargate", "dbt"))
        said = "none" if not kinds else " and ".join(f'"{kind}"' for kind in kinds)
        fields.refuse("", f"expected exactly one of {listed}, found {said}")
        return None
    if kinds == ["chain"]:
        read = [_one_of(part, settings, own) for part in fields.parts("chain", required=True)]
        if sum(isinstance(step, ContainerStep) for step, _, _ in read) > 1:
            fields.refuse("chain", "expected at most one container in a chain, found more")
    else:
        read = [_step(fields, kinds[0], settings, own)]
    steps = tuple(step for step, _, _ in read if step)
    word = next((word for _, word, _ in read if word), "")
    return DeclaredAsset(steps, word, any(kind == "dbt" for _, _, kind in read), duration, on, inside)


def _one_of(fields: Fields, settings: Settings, own: Own) -> tuple[Step | None, str, str]:
    """A member of a chain: an object of exactly one kind."""
    kinds = [kind for kind in _READERS if fields.has(kind)]
    read: tuple[Step | None, str, str] = (None, "", "")
    if len(kinds) == 1:
        read = _step(fields, kinds[0], settings, own)
    else:
        said = "none" if not kinds else " and ".join(f'"{kind}"' for kind in kinds)
        listed = ", ".join(f'"{kind}"' for kind in ("lambda", "map", "statement", "fargate", "dbt"))
        fields.refuse("", f"expected exactly one of {listed}, found {said}")
    fields.done()
    return read


def _step(fields: Fields, kind: str, settings: Settings, own: Own) -> tuple[Step | None, str, str]:
    part = fields.part(kind)
    if part is None:
        return None, "", kind
    step, word = _READERS[kind](part, settings, own)
    return step, word, kind


def _lambda(fields: Fields, settings: Settings, own: Own) -> tuple[Step | None, str]:
    read = function(fields, settings, own)
    return (LambdaStep(read) if read else None), ""


def _map(fields: Fields, settings: Settings, own: Own) -> tuple[Step | None, str]:
    items, each = fields.part("items", required=True), fields.part("each", required=True)
    lists = function(items, settings) if items else None
    calls = function(each, settings) if each else None
    concurrency = fields.integer("concurrency", 10, 1, 40)
    fields.done()
    return (MapStep(lists, calls, concurrency) if lists and calls else None), ""


def _statement(fields: Fields, settings: Settings, own: Own) -> tuple[Step | None, str]:
    step = StatementStep(
        sql=fields.text_or_texts("sql", TEXT, required=True, most=STATEMENTS_MAX),
        workgroup=fields.text("workgroup", required=True),
        database=fields.text("database", required=True),
        poll_s=fields.integer("poll_s", 5, 1, 3600),
        timeout_s=fields.integer("timeout_s", 3600, 1, STATEMENT_SECONDS_MAX),
    )
    if step.poll_s > step.timeout_s:
        fields.refuse("poll_s", f"expected at most timeout_s ({step.timeout_s}), found {step.poll_s}")
    fields.done()
    return step, ""


def _fargate(fields: Fields, settings: Settings, own: Own, fuse: str = "") -> tuple[Step | None, str]:
    timeout = fields.integer("timeout_s", 7200, 2, SECONDS_MAX)
    startup = fields.number("startup_s", 45.0, 0.0, 3600.0)
    step = ContainerStep(
        cluster=fields.text("cluster", required=True),
        task_definition=fields.text("task_definition", required=True),
        container=fields.text("container", required=True),
        subnets=",".join(fields.text_or_texts("subnets", TEXT, required=True, most=16)),
        security_groups=",".join(fields.text_or_texts("security_groups", TEXT, required=True, most=5)),
        fuse=fields.text("fuse", fuse, LABEL),
        assign_public_ip=fields.flag("assign_public_ip", True),
        heartbeat_s=fields.integer("heartbeat_s", min(120, timeout // 2), 1, SECONDS_MAX),
        timeout_s=timeout,
        startup_s=45.0 if startup is None else startup,
        env=fields.table("env", CONTAINER_VARIABLE),
        permissions=permissions(fields),
    )
    if step.heartbeat_s >= step.timeout_s:
        fields.refuse("heartbeat_s", f"expected less than timeout_s ({step.timeout_s}), found {step.heartbeat_s}")
    word = fields.text("word", "", WORD)
    fields.done()
    return step, word


def _dbt(fields: Fields, settings: Settings, own: Own) -> tuple[Step | None, str]:
    return _fargate(fields, settings, own, fuse="dbt")


_READERS: dict[str, _Reader] = {
    "lambda": _lambda,
    "map": _map,
    "statement": _statement,
    "fargate": _fargate,
    "dbt": _dbt,
}
