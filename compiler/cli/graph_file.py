"""The graphs that a user gives as a file: `{"nodes": [{"key": "a", "duration_s": 12.0}], "edges": [["a", "b"]]}`."""

import json
import math
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from compiler.errors import Problem, Refused, UsageError
from compiler.graph import DEFAULT_DURATION_S

RULE = "graph_file"


@dataclass(frozen=True)
class GivenGraph:
    """Seconds of each key, groups where they are given, and (before, after) pairs."""

    duration_s: dict[str, float]
    group: dict[str, str]
    edges: tuple[tuple[str, str], ...]


def read_json(name: str) -> Any:
    """The content of a JSON file, `-` for standard input. Raises UsageError with line and column."""
    try:
        text = sys.stdin.read() if name == "-" else Path(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"{name}: cannot be read ({getattr(error, 'strerror', None) or error})") from error
    try:
        return json.loads(text)
    except json.JSONDecodeError as error:
        raise UsageError(f"{name}: line {error.lineno}, column {error.colno}: not JSON: {error.msg}") from error
    except RecursionError as error:
        raise UsageError(f"{name}: nested too deeply to be read") from error


def read_graph(name: str) -> GivenGraph:
    """The graph of a file. Raises UsageError for what cannot be read, Refused with all that has a wrong shape.

    Whether edges name nodes and close no cycle is the planner's question.
    """
    return given_graph(read_json(name), "standard input" if name == "-" else name)


def given_graph(found: Any, where: str) -> GivenGraph:
    """The graph of parsed JSON; `where` names it in messages."""
    if not isinstance(found, dict) or not isinstance(found.get("nodes"), list):
        raise UsageError(f'{where}: expected {{"nodes": [...], "edges": [...]}}, found {_short(found)}')
    if not isinstance(found.get("edges", []), list):
        raise UsageError(f"{where}: edges: expected a list of [before, after], found {_short(found['edges'])}")
    problems: list[Problem] = []
    duration_s: dict[str, float] = {}
    group: dict[str, str] = {}
    for index, node in enumerate(found["nodes"]):
        place = f"{where}: nodes[{index}]"
        wrong = list(_wrong_node(node, duration_s))
        problems += [Problem(RULE, place, message) for message in wrong]
        if not wrong:
            seconds = node.get("duration_s")
            duration_s[node["key"]] = DEFAULT_DURATION_S if seconds is None else float(seconds)
            group[node["key"]] = node.get("group") or ""
    edges: list[tuple[str, str]] = []
    for index, edge in enumerate(found.get("edges", [])):
        if isinstance(edge, list) and len(edge) == 2 and all(isinstance(key, str) for key in edge):
            edges.append((edge[0], edge[1]))
        else:
            message = f'expected ["before", "after"], found {_short(edge)}'
            problems.append(Problem(RULE, f"{where}: edges[{index}]", message))
    if problems:
        raise Refused(problems)
    return GivenGraph(duration_s, group, tuple(edges))


def read_durations(name: str) -> dict[str, float]:
    """Seconds by unit or asset name: `{"mart/orders": 42.5}`, or a graph file's nodes."""
    found = read_json(name)
    if isinstance(found, dict) and isinstance(found.get("nodes"), list):
        return given_graph(found, name).duration_s
    if not isinstance(found, dict):
        raise UsageError(f'{name}: expected {{"name": seconds}}, found {_short(found)}')
    wrong = [
        Problem("durations", f"{name}: {key}", f"expected seconds of at least 0, found {_short(value)}")
        for key, value in found.items()
        if not _seconds(value)
    ]
    if wrong:
        raise Refused(wrong)
    return {key: float(value) for key, value in found.items()}


def _wrong_node(node: Any, taken: dict[str, float]) -> Iterator[str]:
    if not isinstance(node, dict):
        yield f'expected {{"key": "...", "duration_s": seconds}}, found {_short(node)}'
        return
    key = node.get("key")
    if not isinstance(key, str) or not key:
        yield f"key: expected a text, found {_short(key)}"
    elif key in taken:
        yield f"key: {key!r} is there twice"
    seconds = node.get("duration_s")
    if seconds is not None and not _seconds(seconds):
        yield f"duration_s: expected seconds of at least 0, found {_short(seconds)}"
    if node.get("group") is not None and not isinstance(node["group"], str):
        yield f"group: expected a text, found {_short(node['group'])}"


def _seconds(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) and value >= 0


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "..."
