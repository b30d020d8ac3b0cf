"""Cycles: between assets, and between units that are not cyclic asset by asset."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Mapping

from compiler.errors import Problem
from compiler.graph import Graph

RULE = "cycles"


def cycles(graph: Graph) -> list[Problem]:
    """One problem for each knot of assets, or where there is none, of units; each names a shortest way round."""
    deps = {asset.key: set(asset.deps) for asset in graph.assets}
    problems = [
        Problem(RULE, f"asset {path[0]}", f"waits for itself: {' -> '.join(path)}", "drop one of these dependencies")
        for path in _cycles(deps)
    ]
    if problems:
        return problems
    before: dict[str, set[str]] = {unit.name: set() for unit in graph.units}
    for parent, unit in graph.edges:
        before[unit].add(parent)
    for path in _cycles(before):
        together = [name for name in sorted(set(path)) if len(graph.unit[name].keys) > 1]
        keys = "; ".join(f"{name} makes {', '.join(graph.unit[name].keys)} as one" for name in together)
        message = f"waits for itself: {' -> '.join(path)} ({keys})"
        hint = f"let {together[0]} be two multi-assets, before and after" if together else ""
        problems.append(Problem(RULE, f"unit {path[0]}", message, hint))
    return problems + _order_of_machines(graph)


def _order_of_machines(graph: Graph) -> list[Problem]:
    """What runs on the schedule comes after everything else."""
    hint = 'let both run "on" the same machine'
    return [
        Problem(RULE, f"unit {after}", f"depends on {before}, which runs later, in the parent machine", hint)
        for before, after in sorted(graph.edges)
        if graph.unit[before].on == "schedule" and graph.unit[after].on != "schedule"
    ]


def _cycles(deps: Mapping[str, Iterable[str]]) -> list[list[str]]:
    """A shortest cycle through the smallest name of each knot, in the direction of the data, closed."""
    left = _knots({name: {each for each in others if each in deps} for name, others in deps.items()})
    after: dict[str, list[str]] = {name: [] for name in left}
    for name in sorted(left):
        for each in left[name]:
            after[each].append(name)
    found: list[list[str]] = []
    seen: set[str] = set()
    for name in sorted(left):
        if name in seen:
            continue
        path = _way_back(name, after)
        if path:
            found.append(path)
            seen.update(_reach(name, after) & _reach(name, left))
    return found


def _knots(deps: Mapping[str, set[str]]) -> dict[str, set[str]]:
    """What is left when everything that waits for no cycle is taken away."""
    left = {name: set(others) for name, others in deps.items()}
    after: dict[str, list[str]] = {name: [] for name in deps}
    for name, others in deps.items():
        for each in others:
            after[each].append(name)
    free = [name for name, others in left.items() if not others]
    while free:
        done = free.pop()
        del left[done]
        for name in after[done]:
            left[name].discard(done)
            if not left[name]:
                free.append(name)
    return left


def _way_back(start: str, after: Mapping[str, Iterable[str]]) -> list[str]:
    came: dict[str, str] = {}
    waiting = deque([start])
    while waiting:
        name = waiting.popleft()
        for each in after[name]:
            if each == start:
                path = [start]
                while name != start:
                    path.append(name)
                    name = came[name]
                return [start, *reversed(path[1:]), start]
            if each not in came:
                came[each] = name
                waiting.append(each)
    return []


def _reach(start: str, edges: Mapping[str, Iterable[str]]) -> set[str]:
    found = {start}
    waiting = [start]
    while waiting:
        for each in edges[waiting.pop()]:
            if each not in found:
                found.add(each)
                waiting.append(each)
    return found
