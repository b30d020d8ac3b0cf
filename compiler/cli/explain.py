"""`dpc-compile explain`: the states of one asset, what it waits for and why, and what waits for it."""

import argparse
import sys
from difflib import get_close_matches
from typing import Any

from compiler import lower
from compiler.cli import show
from compiler.cli.planned import Planned, planned
from compiler.errors import UsageError
from compiler.graph import Unit
from compiler.picture_scene import starts
from compiler.seconds import in_words
from compiler.states import Choice, Map, State, Task


def run(options: argparse.Namespace) -> int:
    found = planned(options)
    unit = _unit(found, options.asset)
    answer = explained(found, unit)
    if options.json:
        show.print_json(answer)
    else:
        sys.stdout.write(_text(answer) + "\n")
    return 0


def explained(found: Planned, unit: Unit) -> dict[str, Any]:
    """Everything about one unit, as plain data."""
    graph, plan = found.graph, found.plan
    begins = starts(plan.tree, {each.name: each.duration_s for each in graph.units})
    needs = sorted(before for before, after in graph.edges if after == unit.name)
    ends = {name: begins[name] + graph.unit[name].duration_s for name in needs}
    last = max(ends.values(), default=0.0)
    added = [edge for edge in plan.added if edge.delay_s > 0]
    return {
        "unit": unit.name,
        "assets": list(unit.keys),
        "duration_s": unit.duration_s,
        "starts_s": begins[unit.name],
        "ready_s": last,
        "critical": unit.name in plan.critical_path,
        "needs": [{"unit": name, "ends_s": ends[name]} for name in needs],
        "waits_also_for": [{"unit": edge.before, "delay_s": edge.delay_s} for edge in added if edge.after == unit.name],
        "needed_by": sorted(after for before, after in graph.edges if before == unit.name),
        "holds_up": [{"unit": edge.after, "delay_s": edge.delay_s} for edge in added if edge.before == unit.name],
        "states": [_state(state) for state in lower.unit_states(graph, unit, None)],
    }


def _unit(found: Planned, name: str) -> Unit:
    units = found.graph.unit
    if name in units:
        return units[name]
    for unit in found.graph.units:
        if name in unit.keys:
            return unit
    if name in found.graph.asset:
        raise UsageError(f"{name}: this machine has no state of it; it is made elsewhere, or by the parent machine")
    known = sorted({*units, *(key for unit in found.graph.units for key in unit.keys)})
    near = get_close_matches(name, known, n=3, cutoff=0.4)
    raise UsageError(f"{name}: no such asset" + (f"; did you mean {', '.join(near)}?" if near else ""))


def _state(state: State) -> dict[str, Any]:
    """Name, type and what a reader asks first: what is called, under which condition, with which patience."""
    about: dict[str, Any] = {"name": state.name, "type": type(state).__name__}
    match state:
        case Choice():
            about |= {"condition": state.condition, "then": state.then, "otherwise": state.otherwise}
        case Task():
            about |= {"resource": state.resource, "timeout_s": state.timeout_s}
            if "FunctionName" in state.arguments:
                about["function"] = state.arguments["FunctionName"]
            if state.heartbeat_s:
                about["heartbeat_s"] = state.heartbeat_s
            about["attempts"] = [
                {"errors": list(retry.errors), "attempts": retry.attempts, "interval_s": retry.interval_s}
                for retry in state.retry
            ]
        case Map():
            about |= {"concurrency": state.concurrency, "states": [_state(each) for each in state.each.states]}
    return about


def _text(answer: dict[str, Any]) -> str:
    facts = [
        ("unit", answer["unit"] + ("  (on the critical path)" if answer["critical"] else "")),
        ("takes", f"{in_words(answer['duration_s'])}, starts at {in_words(answer['starts_s'])}"),
    ]
    facts += [("needs", f"{each['unit']}, which ends at {in_words(each['ends_s'])}") for each in answer["needs"]]
    facts += [("waits also for", _held(each)) for each in answer["waits_also_for"]]
    facts += [("needed by", name) for name in answer["needed_by"]]
    facts += [("holds up", _held(each)) for each in answer["holds_up"]]
    if answer["assets"] != [answer["unit"]]:
        facts += [("asset", key) for key in answer["assets"]]
    lines = [
        f"  {state['name']}  ({state['type']}"
        + (f", {state['condition']}" if "condition" in state else "")
        + (f", {state['function']}" if "function" in state else "")
        + (f", at most {in_words(state['timeout_s'])}" if "timeout_s" in state else "")
        + ")"
        for state in answer["states"]
    ]
    return "\n".join([show.facts(facts), "", "states", *lines])


def _held(wait: dict[str, Any]) -> str:
    return f"{wait['unit']}, without need: {in_words(wait['delay_s'])} later for it"
