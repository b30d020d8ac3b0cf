"""Limits that a machine of ours must keep: bytes, history events, payloads.

https://docs.aws.amazon.com/step-functions/latest/dg/service-quotas.html
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from compiler import estimate
from compiler.check.graph_rules import HOLE, HOLE_LENGTH
from compiler.check.read import read
from compiler.errors import Problem
from compiler.graph import ContainerStep, Graph
from compiler.runtime.names import ANSWER_MAX_BYTES
from compiler.tree import Plan

DEFINITION_BYTES = 1_048_576
HISTORY_EVENTS = 25_000
PAYLOAD_BYTES = 262_144

_NO_PLAN = Plan(None, 0.0, 0.0, (), (), "none")
_SPLIT = "fuse or merge small assets, or compile groups of assets to machines of their own"


def definition_size(graph: Graph, machines: Mapping[str, str]) -> Iterator[Problem]:
    """A definition has at most 1 MB when its holes are filled by ARNs of 100 characters."""
    for name, text in machines.items():
        size = len(HOLE.sub("x" * HOLE_LENGTH, text).encode())
        if size > DEFINITION_BYTES:
            each = size // max(1, len(graph.assets))
            message = f"expected a definition of at most {DEFINITION_BYTES:,} bytes, found {size:,} ({each:,} an asset)"
            yield Problem("definition_size", f"machine {name}", message, _SPLIT)


def history_events(graph: Graph, machines: Mapping[str, str]) -> Iterator[Problem]:
    """A full run, nothing tried again, leaves at most 25,000 events in its history."""
    for name, text in machines.items():
        body = _body(text)
        if body:
            of_run = graph if name == graph.machine.name else replace(graph, units=())
            events = estimate.estimate(body, of_run, _NO_PLAN).history_events
            if events > HISTORY_EVENTS:
                message = f"expected at most {HISTORY_EVENTS:,} history events in a full run, found about {events:,}"
                yield Problem("history_events", f"machine {name}", message, _SPLIT)


def selection_size(graph: Graph, machines: Mapping[str, str]) -> Iterator[Problem]:
    """The first state's answer (plan, all selected keys, all words) fits into what a function may answer."""
    keys = [asset.key for asset in graph.assets if asset.unit]
    words = {
        unit.name: " ".join(word for _, word in step.words)
        for unit in graph.units
        for step in unit.steps
        if isinstance(step, ContainerStep)
    }
    size = len(json.dumps({"selected": keys, "words": words}, ensure_ascii=False).encode())
    if size > ANSWER_MAX_BYTES:
        message = f"expected selected keys and words of at most {ANSWER_MAX_BYTES:,} bytes, found {size:,}"
        hint = f"a state holds {PAYLOAD_BYTES:,} bytes: shorten asset keys, or {_SPLIT}"
        yield Problem("selection_size", f"machine {graph.machine.name}", message, hint)


def arguments_size(graph: Graph, machines: Mapping[str, str]) -> Iterator[Problem]:
    """What a state is told fits into its payload of 256 KiB, even before its expressions are worked out."""
    for name, text in machines.items():
        machine, _ = read(text)
        for state in machine.states if machine else ():
            told: Any = state.body.get("Arguments")
            size = len(HOLE.sub("x" * HOLE_LENGTH, json.dumps(told, ensure_ascii=False)).encode()) if told else 0
            if size > PAYLOAD_BYTES:
                message = f"Arguments: expected at most {PAYLOAD_BYTES:,} bytes, found {size:,}"
                hint = "keep long texts where the step can read them"
                yield Problem("arguments_size", f"machine {name}, {state.where}", message, hint)


def _body(text: str) -> dict[str, Any]:
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
