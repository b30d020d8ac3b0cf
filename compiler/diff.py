"""What two builds differ in, in meaning: assets, units, plan, states, permissions, functions, cost. Not text.

A build is looked at as a `Snapshot` of plain JSON, so that builds of other versions, read from git, can be compared.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

AREAS = ("machine", "assets", "units", "plan", "states", "functions", "layers", "permissions", "figures")

Facts = Mapping[str, Any]


@dataclass(frozen=True)
class Snapshot:
    """One build. Facts by name; `plan` is the nested tree, `machines` are ASL by name, `permissions` are by role.

    A permission is called `action on resource`; its facts are its condition.
    """

    machine: Facts = field(default_factory=dict)
    assets: Mapping[str, Facts] = field(default_factory=dict)
    units: Mapping[str, Facts] = field(default_factory=dict)
    plan: Facts | None = None
    machines: Mapping[str, Facts] = field(default_factory=dict)
    functions: Mapping[str, Facts] = field(default_factory=dict)
    layers: Mapping[str, Facts] = field(default_factory=dict)
    permissions: Mapping[str, Facts] = field(default_factory=dict)
    figures: Facts = field(default_factory=dict)


@dataclass(frozen=True)
class FieldChange:
    """One field; `before` or `after` is None where it is not there."""

    name: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Change:
    """One difference. `kind` is added, removed, changed, retimed (a unit's seconds) or moved (a unit's place)."""

    area: str
    kind: str
    name: str
    fields: tuple[FieldChange, ...] = ()


def diff(a: Snapshot, b: Snapshot) -> tuple[Change, ...]:
    """Everything that differs, in the order of AREAS, then by name."""
    found = [
        *_one("machine", "machine", a.machine, b.machine),
        *_facts("assets", a.assets, b.assets),
        *_units(a.units, b.units),
        *_plan(a, b),
        *_facts("states", _states(a.machines), _states(b.machines)),
        *_facts("functions", a.functions, b.functions),
        *_facts("layers", a.layers, b.layers),
        *_permissions(a.permissions, b.permissions),
        *_one("figures", "figures", a.figures, b.figures),
    ]
    return tuple(sorted(found, key=lambda change: (AREAS.index(change.area), change.name, change.kind)))


def to_json(changes: Iterable[Change]) -> dict[str, Any]:
    """`{"same": false, "changes": {"assets": [{"kind", "name", "fields": [{"name", "before", "after"}]}]}}`."""
    areas: dict[str, list[dict[str, Any]]] = {}
    for change in changes:
        fields = [{"name": each.name, "before": each.before, "after": each.after} for each in change.fields]
        one: dict[str, Any] = {"kind": change.kind, "name": change.name}
        areas.setdefault(change.area, []).append(one | ({"fields": fields} if fields else {}))
    return {"same": not areas, "changes": areas}


def _one(area: str, name: str, a: Facts, b: Facts) -> Iterator[Change]:
    if fields := tuple(_fields(a, b)):
        yield Change(area, "changed", name, fields)


def _facts(area: str, a: Mapping[str, Facts], b: Mapping[str, Facts]) -> Iterator[Change]:
    for name in sorted(a.keys() | b.keys()):
        if name not in a:
            yield Change(area, "added", name)
        elif name not in b:
            yield Change(area, "removed", name)
        else:
            yield from _one(area, name, a[name], b[name])


def _units(a: Mapping[str, Facts], b: Mapping[str, Facts]) -> Iterator[Change]:
    """Of a unit whose seconds alone changed it is said that it was re-timed."""
    for change in _facts("units", a, b):
        timed = {each.name for each in change.fields} == {"duration_s"}
        yield Change(change.area, "retimed", change.name, change.fields) if timed else change


def _plan(a: Snapshot, b: Snapshot) -> Iterator[Change]:
    """Units of both builds that wait, in the plan, for other units than before."""
    both = a.units.keys() & b.units.keys()
    waits = _waits(a.plan), _waits(b.plan)
    for name in sorted(both & waits[0].keys() & waits[1].keys()):
        before, after = (sorted(each[name]) for each in waits)
        if set(before) & both != set(after) & both:
            yield Change("plan", "moved", name, (FieldChange("waits_for", before, after),))


def _waits(tree: Facts | None) -> dict[str, frozenset[str]]:
    """For each task of a plan, the tasks that end last before it starts."""
    found: dict[str, frozenset[str]] = {}

    def walk(node: Facts, before: frozenset[str]) -> frozenset[str]:
        """Answers the tasks that end last in `node`."""
        if "task" in node:
            found[node["task"]] = before
            return frozenset((node["task"],))
        if "parallel" in node:
            return frozenset().union(*(walk(item, before) for item in node["parallel"]))
        for item in node["series"]:
            before = walk(item, before)
        return before

    if tree:
        walk(tree, frozenset())
    return found


def _states(machines: Mapping[str, Facts]) -> dict[str, Facts]:
    """Every state by `machine: name`, without the states inside it."""
    found: dict[str, Facts] = {}

    def walk(machine: str, scope: Facts) -> None:
        for name, state in scope.get("States", {}).items():
            own = {key: value for key, value in state.items() if key not in ("Branches", "ItemProcessor")}
            inner = [*state.get("Branches", ()), *([state["ItemProcessor"]] if "ItemProcessor" in state else ())]
            if inner:
                own["StartAt"] = [each.get("StartAt") for each in inner]
            found[f"{machine}: {name}"] = own
            for each in inner:
                walk(machine, each)

    for machine, definition in machines.items():
        top = {key: value for key, value in definition.items() if key not in ("States", "Comment")}
        found[f"{machine}:"] = top
        walk(machine, definition)
    return found


def _permissions(a: Mapping[str, Facts], b: Mapping[str, Facts]) -> Iterator[Change]:
    for role in sorted(a.keys() | b.keys()):
        before, after = a.get(role, {}), b.get(role, {})
        for change in _facts("permissions", before, after):
            yield Change(change.area, change.kind, f"{role}: {change.name}", change.fields)


def _fields(a: Any, b: Any, path: str = "") -> Iterator[FieldChange]:
    """The fields that differ, by dotted path; lists as a whole."""
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        for key in sorted(a.keys() | b.keys()):
            yield from _fields(a.get(key), b.get(key), f"{path}.{key}" if path else str(key))
    elif a != b:
        yield FieldChange(path, a, b)
