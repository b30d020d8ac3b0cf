"""The graph as plain JSON, for whoever wants to know what depends on what without importing anything.

What has its usual value is left out; a function stands as its name, because the manifest says the rest of it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, fields
from typing import Any

from compiler.graph import (
    Check,
    ContainerStep,
    Function,
    Graph,
    LambdaStep,
    MapStep,
    Permission,
    StatementStep,
    Step,
    Unit,
)

KINDS: Mapping[type[Step], str] = {
    LambdaStep: "lambda",
    MapStep: "map",
    StatementStep: "statement",
    ContainerStep: "container",
}
PAIRS = {"tags", "env", "words", "roles"}
"""Fields that hold (name, value) pairs: objects in JSON."""
ELSEWHERE = {"permissions", "layers"}
"""Fields that stand elsewhere in a manifest."""


def graph_json(graph: Graph) -> dict[str, Any]:
    """`machine`, `assets` by key, `units` by name, `edges` between units, and `partitions` where there are any."""
    found = {
        "machine": _plain(graph.machine),
        "assets": {asset.key: _without(_plain(asset), "key") for asset in graph.assets},
        "units": {unit.name: _unit(unit) for unit in graph.units},
        "edges": [list(edge) for edge in sorted(graph.edges)],
    }
    return found | ({"partitions": _plain(graph.partitions)} if graph.partitions else {})


def permission_json(permission: Permission) -> dict[str, Any]:
    """`{"actions", "resources", "condition"?}`, as it is declared."""
    return _dataclass(permission)


def _unit(unit: Unit) -> dict[str, Any]:
    return _without(_plain(unit), "name") | {"steps": [_step(step) for step in unit.steps]}


def _step(step: Step) -> dict[str, Any]:
    return {"kind": KINDS[type(step)]} | _dataclass(step)


def _plain(value: Any) -> Any:
    match value:
        case Function():
            return value.name
        case Check():
            return _dataclass(value)
        case tuple() | list():
            return [_plain(each) for each in value]
        case Mapping():
            return {str(key): _plain(value[key]) for key in sorted(value)}
        case None | bool() | int() | float() | str():
            return value
    return _dataclass(value)


def _dataclass(value: Any) -> dict[str, Any]:
    found = {}
    for field in fields(value):
        content = getattr(value, field.name)
        usual = field.default_factory() if field.default_factory is not MISSING else field.default
        if content == usual or field.name in ELSEWHERE:
            continue
        found[field.name] = dict(sorted(content)) if field.name in PAIRS else _plain(content)
    return found


def _without(found: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: value for key, value in found.items() if key != name}
