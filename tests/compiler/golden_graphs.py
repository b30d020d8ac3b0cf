"""Reads the small JSON form of a graph in which the goldens are written.

`units` by name: `deps` (asset keys), `duration_s`, `steps`, and where they differ from the usual `checks`, `retry`,
`partitioned`, `subset`, `on`; `keys` (key -> deps) where a unit makes more than the asset of its own name. Functions
have their short names: `sum-up` is the function `shop-sum-up` of `shop.steps:sum_up`.
"""

import json
from pathlib import Path
from typing import Any

from compiler.graph import (
    Asset,
    Check,
    ContainerStep,
    Function,
    Graph,
    LambdaStep,
    Machine,
    MapStep,
    Partitions,
    Retry,
    Schedule,
    StatementStep,
    Step,
    Unit,
)

GOLDEN = Path(__file__).parent / "golden"


def function(short: str) -> Function:
    return Function(f"shop-{short}", f"shop.steps:{short.replace('-', '_')}")


def graph(name: str) -> Graph:
    """The graph of a golden, as `extract` would answer it."""
    said = json.loads((GOLDEN / name / "graph.json").read_text(encoding="utf-8"))
    assets = [asset for unit, fields in said["units"].items() for asset in _assets(unit, fields)]
    units = [_unit(unit, fields) for unit, fields in said["units"].items()]
    return Graph(
        _machine(said["machine"]),
        tuple(sorted(assets, key=lambda asset: asset.key)),
        tuple(sorted(units, key=lambda unit: unit.name)),
        _partitions(said["partitions"]) if "partitions" in said else None,
    )


def _machine(said: dict[str, Any]) -> Machine:
    schedule = said.get("schedule")
    return Machine(
        said["name"],
        said["prefix"],
        function(said["finish"]) if "finish" in said else None,
        schedule=Schedule(**{**schedule, "find_work": function(schedule["find_work"])}) if schedule else None,
    )


def _partitions(said: dict[str, Any]) -> Partitions:
    return Partitions(**{**said, "keys": tuple(said.get("keys", ()))})


def _assets(unit: str, fields: dict[str, Any]) -> list[Asset]:
    keys = fields.get("keys", {unit: fields["deps"]})
    return [
        Asset(key, tuple(sorted(deps)), unit, partitioned=fields.get("partitioned", False))
        for key, deps in keys.items()
    ]


def _unit(name: str, fields: dict[str, Any]) -> Unit:
    keys = tuple(sorted(fields.get("keys", {name: ()})))
    retry = fields.get("retry")
    return Unit(
        name,
        keys,
        tuple(_step(step) for step in fields["steps"]),
        tuple(
            Check(name, check["name"], check["blocking"], function=function(check["function"]))
            for check in fields.get("checks", ())
        ),
        fields["duration_s"],
        Retry(**{**retry, "errors": tuple(retry["errors"])}) if retry else None,
        fields.get("subset", False),
        fields.get("on", "run"),
    )


def _step(said: dict[str, Any]) -> Step:
    [(kind, fields)] = said.items()
    match kind:
        case "lambda":
            return LambdaStep(function(fields))
        case "map":
            return MapStep(function(fields["items"]), function(fields["each"]), fields["concurrency"])
        case "statement":
            return StatementStep(**{**fields, "sql": tuple(fields["sql"])})
    pairs = {name: tuple(sorted(fields[name].items())) for name in ("words", "env") if name in fields}
    return ContainerStep(**{**fields, **pairs})
