"""What the plan step needs to know of a graph, as graph.json: compact, and the same bytes for the same graph."""

from __future__ import annotations

import hashlib
import json
from dataclasses import asdict, fields
from typing import Any

from compiler.graph import Asset, ContainerStep, Graph, Partitions, Unit
from compiler.overrides import words_room
from compiler.runtime.graph_file import VERSION, Node


def selection_graph(graph: Graph) -> dict[str, Any]:
    """graph.json of a fused graph that still holds the units of the schedule. runtime.graph_file says its shape."""
    content: dict[str, Any] = {
        "version": VERSION,
        "machine": graph.machine.name,
        "assets": {asset.key: _asset(asset) for asset in sorted(graph.assets, key=lambda asset: asset.key)},
        "units": {unit.name: _unit(unit) for unit in sorted(graph.units, key=lambda unit: unit.name)},
    }
    if graph.partitions:
        content["partitions"] = _periods(graph.partitions)
    if graph.machine.claim:
        content["claim"] = asdict(graph.machine.claim)
    if graph.machine.schedule:
        content["schedule"] = graph.machine.schedule.machine
    content["digest"] = hashlib.sha256(text(content).encode()).hexdigest()
    return content


def text(content: dict[str, Any]) -> str:
    """graph.json as it stands in the zip."""
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":")) + "\n"


def _asset(asset: Asset) -> dict[str, Any]:
    usual = Node("")
    found: dict[str, Any] = {
        "deps": sorted(asset.deps),
        "unit": asset.unit,
        "group": asset.group,
        "kinds": sorted(asset.kinds),
        "owners": sorted(asset.owners),
        "tags": dict(sorted(asset.tags)),
        "partitioned": asset.partitioned,
        "neighbours": sorted(set(asset.neighbours) - {asset.key}),
    }
    return {name: value for name, value in found.items() if value and value != getattr(usual, name)}


def _unit(unit: Unit) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if unit.on != "run":
        found["on"] = unit.on
    containers = [step for step in unit.steps if isinstance(step, ContainerStep)]
    if containers:
        found["words"] = {key: word for step in containers for key, word in sorted(step.words)}
        found["room"] = words_room(unit)
    return found


def _periods(partitions: Partitions) -> dict[str, Any]:
    return {
        field.name: list(value) if isinstance(value, tuple) else value
        for field in fields(partitions)
        if (value := getattr(partitions, field.name)) != field.default
    }
