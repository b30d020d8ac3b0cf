"""`dpc-compile plan`: when each unit runs, how long it takes and what it costs."""

import argparse
import json
import sys
from dataclasses import asdict
from typing import Any

from compiler import emit, estimate, lower, tree
from compiler import plan as planner
from compiler.cli import show
from compiler.cli.planned import Planned, planned
from compiler.estimate import Estimate
from compiler.seconds import in_words
from compiler.tree import Plan


def run(options: argparse.Namespace) -> int:
    found = planned(options)
    machine = json.loads(emit.emit(lower.lower(found.graph, found.plan)))
    cost = estimate.estimate(machine, found.graph, found.plan)
    barriers_s = planner.plan(found.graph, "levels").makespan_s
    if options.json:
        show.print_json({**answer(found.plan, cost), "levels_makespan_s": barriers_s})
    else:
        sys.stdout.write(_text(found, cost, barriers_s) + "\n")
    return 0


def answer(plan: Plan, cost: Estimate) -> dict[str, Any]:
    """What `--json` prints: seconds, and `plan` as nested series, parallel and task."""
    return {
        "strategy": plan.strategy,
        "makespan_s": plan.makespan_s,
        "critical_path_s": plan.critical_path_s,
        "ratio": plan.ratio,
        "critical_path": list(plan.critical_path),
        "added_edges": [asdict(edge) for edge in plan.added],
        "transitions": cost.transitions,
        "history_events": cost.history_events,
        "definition_bytes": cost.definition_bytes,
        "filled_bytes": cost.filled_bytes,
        "usd_per_run": cost.usd_per_run,
        "usd_per_month": cost.usd_per_month,
        "runs_per_month": cost.runs_per_month,
        "notes": list(cost.notes),
        "plan": tree.to_json(plan.tree),
    }


def _text(found: Planned, cost: Estimate, barriers_s: float) -> str:
    plan = found.plan
    parts = ["\n".join(show.tree(plan.tree, {unit.name: unit.duration_s for unit in found.graph.units}))]
    late = sorted((edge for edge in plan.added if edge.delay_s > 0), key=lambda edge: (-edge.delay_s, edge.after))
    if late:
        rows = [(edge.after, edge.before, in_words(edge.delay_s)) for edge in late]
        parts.append(show.table(("delayed", "waits for, without needing it", "by"), rows, numbers=(2,)))
    others = len(plan.added) - len(late)
    facts = [
        ("units", f"{len(found.graph.units):,}"),
        ("strategy", plan.strategy),
        ("barriers", f"{in_words(barriers_s)} if every level waited for all of the one before"),
        ("critical path", " -> ".join(plan.critical_path) or "(nothing to run)"),
        ("added edges", f"{len(plan.added):,}" + (f", {others:,} of them delay nothing" if others else "")),
    ]
    if found.given:
        facts.append(("", "costs as if each node were one Lambda function of 512 MB"))
    return "\n\n".join([*parts, show.facts(facts) + "\n" + cost.text()])
