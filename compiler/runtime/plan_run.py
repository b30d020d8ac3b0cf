"""The machine's first step: the execution's input is checked, its selection resolved once, and the claim taken.

Input: {"partition"?: "2025-04", "select"?: SELECTION, "wait"?: bool}. Answer:
{"plan": {"partition", "select", "full", "input"}, "selected": [keys], "words": {unit: "word word"}}.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from compiler.runtime.errors import AnswerTooLarge, UnknownSelection, WrongInput, WrongPartition
from compiler.runtime.graph_file import SelectionGraph, read
from compiler.runtime.handler import Handler, claim_place, hold_claim, logged
from compiler.runtime.names import ANSWER_MAX_BYTES, GRAPH_FILE
from compiler.runtime.partition import check, described
from compiler.runtime.selection import resolve

STARTED_BY = "AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID"
"""What Step Functions puts into the input of a child execution, so that the console links the two."""

TYPES: Mapping[str, tuple[type, str]] = {
    "partition": (str, "a text such as 2025-04"),
    "select": (str, 'a text such as key:"mart/orders"+'),
    "wait": (bool, "true or false"),
}


def bind(index: str) -> Handler:
    """The Lambda handler that reads graph.json beside the file `index`, when it is first called."""
    known: list[SelectionGraph] = []

    def handler(event: Mapping[str, Any], context: object) -> dict[str, Any]:
        if not known:
            known.append(read(Path(index).parent / GRAPH_FILE))
        return run(known[0], event, datetime.now(UTC))

    return handler


handler = bind(str(Path(__file__).parents[1]))
"""The Lambda handler of a zip that holds graph.json at its root, beside the folder `compiler`."""


def run(graph: SelectionGraph, event: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """Checks, resolves, then takes the claim: what is refused for its input never holds it."""
    context = event.get("context") if isinstance(event, Mapping) else None
    if not isinstance(context, Mapping) or not isinstance(context.get("Execution"), Mapping):
        raise WrongInput("event.context.Execution: expected the context object of Step Functions")
    found = context["Execution"].get("Input")
    partition = found.get("partition") if isinstance(found, Mapping) else None
    with logged(context, partition if isinstance(partition, str) else None, __name__) as note:
        given = checked_input(found)
        answer = plan(graph, given, now)
        hold_claim(context, answer["plan"]["partition"], claim_place(graph.claim), wait=bool(given.get("wait")))
        note(at="plan", selected=len(answer["selected"]), full=answer["plan"]["full"])
        return answer


def checked_input(given: object) -> dict[str, Any]:
    """The input's fields without those that are null. Raises WrongInput naming every field that is wrong."""
    if given is None:
        return {}
    if not isinstance(given, Mapping):
        raise WrongInput(f'input: expected an object such as {{"partition": "2025-04"}}, found {_shown(given)}')
    problems = [
        f"input.{name}: unknown field; known are {', '.join(TYPES)}"
        for name in sorted(map(str, given))
        if name not in TYPES and name != STARTED_BY
    ]
    for name, (wanted, example) in TYPES.items():
        value = given.get(name)
        if value is not None and not isinstance(value, wanted):
            problems.append(f"input.{name}: expected {example}, found {_shown(value)}")
    if problems:
        raise WrongInput("\n".join(problems))
    return {name: given[name] for name in TYPES if given.get(name) is not None}


def plan(graph: SelectionGraph, given: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    """The answer for a checked input. Raises WrongPartition, UnknownSelection, AnswerTooLarge."""
    partition, select = given.get("partition"), given.get("select")
    if partition is not None:
        _check_partition(graph, partition, now)
    chosen = _here(graph, resolve(select, graph) if select is not None else None, select)
    needing = [key for key in chosen if graph.nodes[key].partitioned]
    if needing and partition is None:
        expected = described(graph.periods, now) if graph.periods else "one"
        raise WrongPartition(
            f"partition: {', '.join(needing[:3])}{' and others' if len(needing) > 3 else ''} "
            f"{'is' if len(needing) == 1 else 'are'} partitioned; expected {expected}, found none: "
            'start with {"partition": "..."}'
        )
    answer = {
        "plan": {"partition": partition, "select": select, "full": select is None, "input": dict(given)},
        "selected": chosen,
        "words": _words(graph, chosen),
    }
    size = len(json.dumps(answer).encode())
    if size > ANSWER_MAX_BYTES:
        raise AnswerTooLarge(
            f"{len(chosen):,} selected assets make {size:,} bytes; an execution's state holds {ANSWER_MAX_BYTES:,}. "
            "Select fewer assets, one group after another, or split the machine"
        )
    return answer


def _check_partition(graph: SelectionGraph, partition: str, now: datetime) -> None:
    if graph.periods is None:
        raise WrongPartition(
            f"partition: no asset of {graph.machine} is partitioned; expected none, found {partition!r}"
        )
    check(partition, graph.periods, now)


def _here(graph: SelectionGraph, chosen: Iterable[str] | None, select: str | None) -> list[str]:
    """Of the chosen keys (None: all) those that this machine runs, sorted; the schedule's machine runs the others."""
    made = {key: node.unit for key, node in graph.nodes.items() if node.unit}
    asked = sorted(made if chosen is None else chosen)
    here = [key for key in asked if key in made and _runs_here(graph, made[key])]
    if not here and select is not None:
        raise UnknownSelection(
            f"select: {select} names only what {graph.schedule or 'the schedule'} runs after its executions: "
            f"{', '.join(asked[:20])}"
        )
    return here


def _runs_here(graph: SelectionGraph, unit: str) -> bool:
    return unit not in graph.units or graph.units[unit].on == "run"


def _words(graph: SelectionGraph, chosen: Iterable[str]) -> dict[str, str]:
    """Unit name -> the words of its selected assets, each once, in the order of their keys."""
    found: dict[str, dict[str, None]] = {}
    for key in chosen:
        unit = graph.units.get(graph.nodes[key].unit)
        if unit is not None and unit.words is not None:
            found.setdefault(unit.name, {}).update(dict.fromkeys(filter(None, [unit.words.get(key)])))
    told = {name: " ".join(words) for name, words in sorted(found.items())}
    for name, words in told.items():
        room = graph.units[name].room
        if len(words) > room:
            raise AnswerTooLarge(
                f"{name}: {len(words):,} characters of words for one container run; its overrides have room for "
                f'{room:,}. Select fewer of its assets, or give some of them another "fuse" label'
            )
    return told


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=repr)
    return text if len(text) <= 200 else text[:200] + "..."
