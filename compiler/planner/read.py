"""A graph from a file: `{"nodes": [{"key": "a", "duration_s": 12.0}], "edges": [["a", "b"]]}`."""

import json
from typing import Any

from compiler.errors import Problem, Refused
from compiler.graph import DEFAULT_DURATION_S
from compiler.planner.cycles import cycles

LONGEST_S = 1e9
"""No step takes longer: thirty years; an execution of Step Functions ends after one."""


def read_graph(text: str) -> tuple[dict[str, float], tuple[tuple[str, str], ...]]:
    """Durations in seconds by key, and edges (before, after), each once.

    `duration_s` may be left out (the default estimate); fields that are not known are passed over. Raises `Refused`
    with every problem by its path in the file: not JSON, a wrong type, a key given twice or missing, a duration that is
    negative or not finite, an edge between unknown nodes or from a node to itself, a cycle.
    """
    try:
        document = json.loads(text.removeprefix("\ufeff"))
    except json.JSONDecodeError as error:
        raise Refused([_wrong(f"line {error.lineno}, column {error.colno}", "JSON", error.msg)]) from error
    except RecursionError as error:
        raise Refused([_wrong("$", "JSON with a few levels", "a thousand brackets in each other")]) from error
    if not isinstance(document, dict):
        raise Refused([_wrong("$", 'an object with "nodes" and "edges"', _told(document))])
    problems: list[Problem] = []
    rows: dict[str, list[Any]] = {}
    for name in ("nodes", "edges"):
        value = document.get(name)
        rows[name] = value if isinstance(value, list) else []
        if not isinstance(value, list):
            problems.append(_wrong(name, "a list", _told(value) if name in document else "nothing"))
    durations: dict[str, float] = {}
    for index, node in enumerate(rows["nodes"]):
        _node(f"nodes[{index}]", node, durations, problems)
    edges: dict[tuple[str, str], None] = {}
    for index, edge in enumerate(rows["edges"]):
        where = f"edges[{index}]"
        if not (isinstance(edge, list) and len(edge) == 2 and all(isinstance(key, str) for key in edge)):
            problems.append(_wrong(where, "a list of two keys, the earlier first", _told(edge)))
            continue
        edges[edge[0], edge[1]] = None
        problems += [
            _wrong(f"{where}[{side}]", "the key of a node", _told(key), "Add the node or mend the key.")
            for side, key in enumerate(edge)
            if key not in durations
        ]
        if edge[0] == edge[1]:
            problems.append(
                _wrong(where, "two nodes", f"{_told(edge[0])} twice", "Remove it: no node waits for itself.")
            )
    problems += cycles(durations, [(a, b) for a, b in edges if a != b and a in durations and b in durations])
    if problems:
        raise Refused(problems)
    return durations, tuple(edges)


def _node(where: str, node: Any, durations: dict[str, float], problems: list[Problem]) -> None:
    if not isinstance(node, dict):
        problems.append(_wrong(where, 'an object such as {"key": "a", "duration_s": 12.0}', _told(node)))
        return
    seconds = node.get("duration_s", DEFAULT_DURATION_S)
    if isinstance(seconds, bool) or not isinstance(seconds, int | float) or not 0 <= seconds <= LONGEST_S:
        problems.append(_wrong(f"{where}.duration_s", f"a number from 0 to {LONGEST_S:.0f}", _told(seconds)))
        seconds = DEFAULT_DURATION_S
    key = node.get("key")
    if not isinstance(key, str) or not key:
        problems.append(
            _wrong(f"{where}.key", "a string that is not empty", _told(key) if "key" in node else "nothing")
        )
    elif key in durations:
        problems.append(_wrong(f"{where}.key", "every key once", f"{_told(key)} again"))
    else:
        durations[key] = float(seconds)


def _wrong(where: str, expected: str, found: str, hint: str = "") -> Problem:
    return Problem("read_graph", where, f"expected {expected}, found {found}", hint)


def _told(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 60 else f"{text[:57]}..."
