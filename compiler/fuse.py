"""Container units of one label become as few units as possible: a container takes most of a minute to start.

The number of runs is the least there is (a search over the orders of labels, exact for pipelines of ordinary size), and
no cycle can appear: a run takes what needs nothing that has not run yet, or only members of the same run. What was
selectable stays selectable: assets keep their keys, and the container is told which of its words to do.
"""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from compiler.graph import ContainerStep, Graph, Unit
from compiler.overrides import words_room
from compiler.states import NAME_LIMIT

SEARCH_STATES = 20_000
"""Orders of labels looked at before the search goes on with the largest run it sees."""

Label = tuple[object, ...]
Done = frozenset[str]


def fuse(graph: Graph) -> Graph:
    """The graph with container units of one label, and otherwise equal settings, put together."""
    labels = {unit.name: label for unit in graph.units if (label := _label(unit))}
    if not labels:
        return replace(graph, units=tuple(_started(unit) for unit in graph.units))
    parents = _parents(graph)
    runs = [
        part for members in _order_of_runs(graph, labels, parents) for part in _parts(graph, sorted(members), parents)
    ]
    fused: dict[str, Unit] = {}
    seen: set[str] = set()
    for members in runs:
        unit = _fused(graph, members, parents, first=_fuse_name(graph.unit[members[0]]) not in seen)
        seen.add(_fuse_name(unit))
        fused |= dict.fromkeys(members, unit)
    units = {unit.name: unit for unit in (fused.get(each.name) or _started(each) for each in graph.units)}
    assets = tuple(
        replace(asset, unit=fused[asset.unit].name) if asset.unit in fused else asset for asset in graph.assets
    )
    return replace(graph, assets=assets, units=tuple(units[name] for name in sorted(units)))


def _container(unit: Unit) -> ContainerStep | None:
    step = unit.steps[0] if len(unit.steps) == 1 else None
    return step if isinstance(step, ContainerStep) else None


def _label(unit: Unit) -> Label | None:
    """Units of one label may run together; None for what runs alone. A check of its own keeps its asset alone."""
    step = _container(unit)
    if step is None or not step.fuse or any(check.function for check in unit.checks):
        return None
    return (step.fuse, str(replace(step, words=())), unit.retry, unit.on)


def _fuse_name(unit: Unit) -> str:
    step = _container(unit)
    return step.fuse if step else ""


def _parents(graph: Graph) -> Mapping[str, frozenset[str]]:
    parents: dict[str, set[str]] = {unit.name: set() for unit in graph.units}
    for before, after in graph.edges:
        parents[after].add(before)
    return {name: frozenset(found) for name, found in parents.items()}


def _reach(names: Iterable[str], done: Done, parents: Mapping[str, frozenset[str]]) -> Done:
    """Those of `names` that can run once `done` has, needing nothing else but one another."""
    found: set[str] = set()
    waiting = [name for name in names if name not in done]
    while True:
        ready = [name for name in waiting if parents[name] <= done | found]
        if not ready:
            return frozenset(found)
        found.update(ready)
        waiting = [name for name in waiting if name not in found]


def _order_of_runs(
    graph: Graph, labels: Mapping[str, Label], parents: Mapping[str, frozenset[str]]
) -> list[frozenset[str]]:
    """Members of each run, first run first; the fewest runs."""
    alone = [unit.name for unit in graph.units if unit.name not in labels]
    members: dict[Label, list[str]] = {}
    for name in sorted(labels):
        members.setdefault(labels[name], []).append(name)
    kinds = sorted(members.values())
    start = _reach(alone, frozenset(), parents)
    waiting: deque[tuple[Done, tuple[frozenset[str], ...]]] = deque([(start, ())])
    seen = {start}
    while waiting:
        done, runs = waiting.popleft()
        steps = [run for kind in kinds if (run := _reach(kind, done, parents))]
        if not steps:
            return list(runs)
        if len(seen) > SEARCH_STATES:
            steps = [max(steps, key=len)]
            waiting.clear()
        for run in steps:
            after = done | run
            after |= _reach(alone, after, parents)
            if after not in seen:
                seen.add(after)
                waiting.append((after, (*runs, run)))
    return []


def _parts(graph: Graph, members: Sequence[str], parents: Mapping[str, frozenset[str]]) -> list[list[str]]:
    """The run in pieces whose words fit into the overrides, in an order that its edges allow."""
    room = words_room(replace(graph.unit[members[0]], name="x" * NAME_LIMIT))
    parts: list[list[str]] = [[]]
    used = 0
    for name in _topological(members, parents):
        size = sum(len(word) + 1 for word in _words(graph.unit[name]))
        if parts[-1] and used + size > room:
            parts.append([])
            used = 0
        parts[-1].append(name)
        used += size
    return parts


def _words(unit: Unit) -> list[str]:
    step = _container(unit)
    return [word for _, word in step.words] if step else []


def _topological(members: Sequence[str], parents: Mapping[str, frozenset[str]]) -> list[str]:
    order: list[str] = []
    waiting = sorted(members)
    placed: set[str] = set()
    inside = set(members)
    while waiting:
        ready = [name for name in waiting if parents[name] & inside <= placed]
        order += ready
        placed.update(ready)
        waiting = [name for name in waiting if name not in placed]
    return order


def _fused(graph: Graph, members: Sequence[str], parents: Mapping[str, frozenset[str]], *, first: bool) -> Unit:
    units = [graph.unit[name] for name in members]
    step = _container(units[0])
    assert step is not None
    if len(units) == 1 and not first:
        return _started(units[0])
    finish: dict[str, float] = {}
    for unit in units:
        finish[unit.name] = unit.duration_s + max((finish.get(name, 0.0) for name in parents[unit.name]), default=0.0)
    keys = tuple(sorted(key for unit in units for key in unit.keys))
    words = tuple(sorted({pair for unit in units for each in unit.steps for pair in _pairs(each)}))
    return replace(
        units[0],
        name=step.fuse if first else f"{step.fuse}: {keys[0]}",
        keys=keys,
        steps=(replace(step, words=words),),
        checks=tuple(check for unit in units for check in unit.checks),
        duration_s=step.startup_s + max(finish.values()),
        subset=True,
    )


def _started(unit: Unit) -> Unit:
    """The unit with the start of its container in its time."""
    step = _container(unit)
    return replace(unit, duration_s=unit.duration_s + step.startup_s) if step else unit


def _pairs(step: object) -> tuple[tuple[str, str], ...]:
    return step.words if isinstance(step, ContainerStep) else ()
