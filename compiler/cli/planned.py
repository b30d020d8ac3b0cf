"""What `plan`, `graph`, `simulate` and `explain` look at: the definitions, or a graph file, with its plan."""

import argparse
from dataclasses import dataclass
from pathlib import Path

from compiler import build
from compiler import plan as planner
from compiler.cli.graph_file import read_durations, read_graph
from compiler.cli.settings import Settings, settings
from compiler.cli.synthetic import as_lambdas
from compiler.errors import UsageError
from compiler.graph import Graph
from compiler.tree import Plan


@dataclass(frozen=True)
class Planned:
    """The graph of the machine (fused, without what the parent machine runs) and its plan.

    `whole` also holds what the parent machine runs. `given`: it came from a file; each node is taken for a Lambda
    function.
    """

    graph: Graph
    plan: Plan
    whole: Graph
    given: bool


def planned(options: argparse.Namespace) -> Planned:
    """Raises UsageError and Refused."""
    chosen = settings(options, Path.cwd())
    if options.graph:
        return _given(options, chosen)
    draft = build.run(build.PLANNING, load(chosen))
    return Planned(draft.run_graph, draft.plan, draft.graph, False)


def load(chosen: Settings) -> build.Draft:
    """The definitions, read. Raises UsageError and Refused."""
    durations = read_durations(str(chosen.durations)) if chosen.durations else {}
    if not chosen.definitions:
        raise UsageError(
            "no definitions: give --definitions module:attr, such as shop.definitions:defs, or write\n"
            '[tool.dpc-compile]\ndefinitions = "shop.definitions:defs"\ninto pyproject.toml'
        )
    return build.read(chosen.definitions, chosen.root, chosen.prepare, durations, chosen.strategy)


def _given(options: argparse.Namespace, chosen: Settings) -> Planned:
    if options.definitions:
        raise UsageError("--graph and --definitions: give one of them")
    given = read_graph(options.graph)
    if options.durations:
        given.duration_s.update(
            {key: value for key, value in read_durations(options.durations).items() if key in given.duration_s}
        )
    found = planner.plan_graph(given.duration_s, given.edges, chosen.strategy)
    name = "graph" if options.graph == "-" else Path(options.graph).stem
    graph = as_lambdas(given, name)
    return Planned(graph, found, graph, True)
