"""graph.json in the plan function's zip: what selection, partitions and words need. Written by selection_graph.py.

    {"version": 1, "machine": "shop", "digest": "<sha256 of the rest>",
     "assets": {"mart/fact": {"deps": ["raw/a"], "unit": "mart/fact", "group": "mart", "kinds": [..], "owners": [..],
                              "tags": {"k": "v"}, "partitioned": true, "neighbours": [..]}},
     "units": {"dbt": {"words": {"mart/fact": "fact"}, "room": 5000}, "archive": {"on": "schedule"}},
     "partitions": {"kind": "monthly", "start": "2025-04", "fmt": "%Y-%m", "timezone": "Asia/Tokyo"},
     "claim": {"bucket": "${bucket}", "key": "logs/_writer.json"}, "schedule": "shop-schedule"}

A field of its usual value is left out. An asset without a unit is made elsewhere: it is walked through, never run.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from compiler.runtime.errors import NotConfigured

VERSION = 1


@dataclass(frozen=True)
class Node:
    """One asset. `unit` is empty for what is made elsewhere; `kinds` are also the tags `dagster/kind/...`."""

    key: str
    deps: tuple[str, ...] = ()
    unit: str = ""
    group: str = "default"
    kinds: tuple[str, ...] = ()
    owners: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)
    partitioned: bool = False
    neighbours: tuple[str, ...] = ()


@dataclass(frozen=True)
class Runs:
    """One unit. `on` is run or schedule; `words` (asset key -> word) is None where no container is asked for words.

    `room` is how many characters of words fit into the overrides of one container run.
    """

    name: str
    on: str = "run"
    words: Mapping[str, str] | None = None
    room: int = 0


@dataclass(frozen=True)
class Periods:
    """The partitions of the machine, as graph.Partitions says."""

    kind: str
    keys: tuple[str, ...] = ()
    start: str = ""
    end: str = ""
    fmt: str = ""
    timezone: str = "UTC"
    end_offset: int = 0
    minute: int = 0
    hour: int = 0
    day: int = 0


@dataclass(frozen=True)
class SelectionGraph:
    """What a selection is resolved against."""

    machine: str
    nodes: Mapping[str, Node]
    units: Mapping[str, Runs] = field(default_factory=dict)
    periods: Periods | None = None
    claim: Mapping[str, str] | None = None
    schedule: str = ""
    digest: str = ""


def read(file: Path) -> SelectionGraph:
    """The graph in a file. Raises NotConfigured where it is missing or of another version."""
    try:
        content = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise NotConfigured(
            f"{file.name}: expected the compiled graph beside the handler; {error}. Deploy again"
        ) from error
    return from_json(content)


def from_json(content: Mapping[str, Any]) -> SelectionGraph:
    """The graph in a decoded graph.json."""
    if content.get("version") != VERSION:
        raise NotConfigured(
            f"graph.json: expected version {VERSION}, found {content.get('version')!r}: "
            "the graph and the runtime beside it come from two builds; build and deploy again"
        )
    periods = content.get("partitions")
    return SelectionGraph(
        machine=content["machine"],
        nodes={key: _node(key, fields) for key, fields in content["assets"].items()},
        units={name: _runs(name, fields) for name, fields in content["units"].items()},
        periods=Periods(**{**periods, "keys": tuple(periods.get("keys", ()))}) if periods else None,
        claim=content.get("claim"),
        schedule=content.get("schedule", ""),
        digest=content.get("digest", ""),
    )


def _node(key: str, fields: Mapping[str, Any]) -> Node:
    lists = {name: tuple(fields[name]) for name in ("deps", "kinds", "owners", "neighbours") if name in fields}
    return Node(key=key, **{**fields, **lists})


def _runs(name: str, fields: Mapping[str, Any]) -> Runs:
    return Runs(name=name, **fields)
