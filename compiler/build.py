"""The pipeline: definitions to everything that is written, in memory. A tuple of passes, which a caller may change.

    Definitions -extract-> Graph -check-> -fuse-> -plan-> -lower, emit-> texts -check-> -bundle-> zips -> manifest

Each pass takes a `Draft` and answers one that knows more, or raises `Refused` with everything that it found.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from compiler import emit, fuse, lower, parent, plan
from compiler.errors import Problem, Refused
from compiler.graph import Graph
from compiler.tree import Plan

if TYPE_CHECKING:
    from compiler.estimate import Estimate
    from compiler.pack import Zip

MANIFEST = "manifest.json"
NO_PLAN = Plan(None, 0.0, 0.0, (), (), "none")


@dataclass(frozen=True)
class Draft:
    """What is known so far; a field that no pass has filled is empty.

    `graph` is what was declared, after `fuse_units` what runs. `root` is the project's folder. `machines` are ASL texts
    by machine name, the parent's last. `problems` are collected by checks and raised together by `refuse`.
    """

    graph: Graph
    root: Path
    strategy: str = "sp"
    plan: Plan = NO_PLAN
    machines: Mapping[str, str] = field(default_factory=dict)
    estimate: Estimate | None = None
    zips: tuple[Zip, ...] = ()
    manifest: Mapping[str, Any] = field(default_factory=dict)

    @property
    def run_graph(self) -> Graph:
        """The graph of the machine itself, without what its parent runs."""
        return parent.without_schedule(self.graph)


Pass = Callable[[Draft], Draft]


def check_graph(draft: Draft) -> Draft:
    from compiler import check

    return _refused(draft, check.graph(draft.graph))


def fuse_units(draft: Draft) -> Draft:
    return replace(draft, graph=fuse.fuse(draft.graph))


def plan_units(draft: Draft) -> Draft:
    return replace(draft, plan=plan.plan(draft.run_graph, draft.strategy))


def emit_machines(draft: Draft) -> Draft:
    """Lowers and emits the machine and, where there is one, its parent."""
    found = [lower.lower(draft.run_graph, draft.plan), parent.parent(draft.graph)]
    return replace(draft, machines={machine.name: emit.emit(machine) for machine in found if machine})


def estimate_run(draft: Draft) -> Draft:
    from compiler import estimate

    machine = json.loads(draft.machines[draft.graph.machine.name])
    return replace(draft, estimate=estimate.estimate(machine, draft.run_graph, draft.plan))


def check_machines(draft: Draft) -> Draft:
    from compiler import check

    rules = (*check.LANGUAGE, *check.OURS)
    found = [problem for text in draft.machines.values() for problem in check.machine(text, rules)]
    return _refused(draft, [*found, *check.machine_of_graph(draft.graph, draft.machines)])


def read_layers(draft: Draft) -> Draft:
    """Files of requirements that layers name, read below the root."""
    from compiler import layer

    return replace(draft, graph=layer.read(draft.graph, draft.root))


def bundle_functions(draft: Draft) -> Draft:
    from compiler import bundle, functions, project, selection_graph

    entries = [target for each in functions.functions(draft.graph) for target in (each.run, each.call) if target]
    graph_json = selection_graph.text(selection_graph.selection_graph(draft.graph)).encode()
    found = project.Project(project.roots(entries))
    return replace(draft, zips=bundle.bundles(draft.graph, found, graph_json))


def describe(draft: Draft) -> Draft:
    from compiler import manifest

    found = manifest.manifest(draft.graph, draft.machines, draft.zips, draft.plan, draft.estimate)
    return replace(draft, manifest=found)


def check_bundles(draft: Draft) -> Draft:
    from compiler import check

    return _refused(draft, check.bundles(draft.zips, draft.manifest))


PLANNING: tuple[Pass, ...] = (check_graph, fuse_units, plan_units)
"""Enough to say when everything runs."""

LOWERING: tuple[Pass, ...] = (*PLANNING, emit_machines, check_machines, estimate_run)
"""Enough to run the machine in Python."""

PASSES: tuple[Pass, ...] = (*LOWERING, read_layers, bundle_functions, describe, check_bundles)
"""Everything that is written."""


def read(
    target: str, root: Path, prepare: str = "", durations: Mapping[str, float] | None = None, strategy: str = "sp"
) -> Draft:
    """The draft of the definitions that `target` (module:attr) names. Raises `UsageError` and `Refused`."""
    from compiler import load

    found = load.load(target, root, prepare)

    from compiler import extract  # after the user's code, whose missing Dagster is then the user's message

    return Draft(extract.extract(found, durations or {}), root, strategy)


def run(passes: Iterable[Pass], draft: Draft, ended: Callable[[str], None] = lambda name: None) -> Draft:
    """The draft after all passes; `ended` is told the name of each when it is done. Raises `Refused`."""
    for each in passes:
        draft = each(draft)
        ended(each.__name__)
    return draft


def layer_zips(draft: Draft) -> tuple[Zip, ...]:
    """The zips of the declared layers; the only thing here that asks a package index."""
    from compiler import layer, layer_zip

    return tuple(
        layer_zip.layer_zip(name, layer.requirements(name, text, draft.root)) for name, text in draft.graph.layers
    )


def files(draft: Draft, holes: Mapping[str, str] | None = None) -> dict[str, bytes]:
    """The generated files that are committed, by name; the manifest last. `holes` are put into the machines."""
    found = {
        machine["file"]: _filled(draft.machines[name], holes or {}).encode()
        for name, machine in draft.manifest["machines"].items()
    }
    return found | {MANIFEST: (json.dumps(draft.manifest, ensure_ascii=False, indent=1) + "\n").encode()}


def stale(out: Path, dist: Path | None = None) -> tuple[Path, ...]:
    """The files that the former build wrote, as its manifest says; none where there is no manifest that can be read."""
    try:
        former = json.loads((out / MANIFEST).read_text(encoding="utf-8"))
        found = [out / each["file"] for each in former["machines"].values()]
        if dist is not None:
            found += [dist / each["file"] for kind in ("functions", "layers") for each in former[kind].values()]
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return ()
    return tuple(path for path in found if path.parent in (out, dist))


def _filled(text: str, holes: Mapping[str, str]) -> str:
    """The machine with values where `${name}` stood."""
    for name, value in holes.items():
        text = text.replace("${" + name + "}", json.dumps(value, ensure_ascii=False)[1:-1])
    return text


def _refused(draft: Draft, problems: Iterable[Problem]) -> Draft:
    found = tuple(problems)
    if found:
        raise Refused(found)
    return draft
