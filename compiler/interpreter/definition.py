"""A definition in the Amazon States Language, read once: every expression known, every state reachable by name.

(https://states-language.net/spec.html.) What the interpreter does not run is refused before anything runs: JSONPath,
distributed maps, item readers, batchers and result writers.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from compiler.errors import Problem, Refused
from compiler.interpreter.failing import Retrier
from compiler.interpreter.query import Template

TYPES = ("Task", "Pass", "Choice", "Wait", "Succeed", "Fail", "Parallel", "Map")
LONGEST_S = 99_999_999
"""Seconds that a task or an execution may take where nothing says less (States Language, TimeoutSeconds)."""

INLINE_CONCURRENCY = 40
"""Iterations of an inline map at one time, at most (AWS: Map state processing modes)."""

UNDERSTOOD = {
    "Task": "Resource Arguments Credentials TimeoutSeconds HeartbeatSeconds Retry Catch Assign Output Next End",
    "Pass": "Assign Output Next End",
    "Choice": "Choices Default Assign Output",
    "Wait": "Seconds Timestamp Assign Output Next End",
    "Succeed": "Output",
    "Fail": "Error Cause",
    "Parallel": "Branches Arguments Retry Catch Assign Output Next End",
    "Map": "Items ItemSelector ItemProcessor MaxConcurrency Retry Catch Assign Output Next End",
}
EVERYWHERE = frozenset({"Type", "Comment", "QueryLanguage"})


@dataclass(frozen=True)
class Rule:
    """Where to go on, and with what: a Choice's rule, a Catch's entry, or what a state does when it succeeds.

    `when` is the condition of a rule, `errors` the ErrorEquals of a Catch; `next` None ends the scope.
    """

    next: str | None
    assign: Template
    output: Template | None
    when: Template | None = None
    errors: tuple[str, ...] = ()


@dataclass(frozen=True)
class State:
    """One state. Fields that its type does not have are empty."""

    name: str
    type: str
    then: Rule
    resource: str = ""
    arguments: Template | None = None
    timeout: Template = field(default_factory=lambda: Template(LONGEST_S))
    heartbeat: Template | None = None
    retry: tuple[Retrier, ...] = ()
    catch: tuple[Rule, ...] = ()
    choices: tuple[Rule, ...] = ()
    default: str | None = None
    seconds: Template | None = None
    timestamp: Template | None = None
    error: Template | None = None
    cause: Template | None = None
    scopes: tuple[Scope, ...] = ()
    items: Template | None = None
    selector: Template | None = None
    concurrency: Template = field(default_factory=lambda: Template(0))


@dataclass(frozen=True)
class Scope:
    """States that may name one another."""

    start: str
    states: Mapping[str, State]


@dataclass(frozen=True)
class Machine:
    """A definition that can be run. Seconds."""

    scope: Scope
    timeout_s: float


def read(definition: str | Mapping[str, Any]) -> Machine:
    """The machine of a definition, given as text or as parsed JSON. Raises `Refused` with everything not understood."""
    parsed: Mapping[str, Any] = json.loads(definition) if isinstance(definition, str) else definition
    problems = list(_problems(parsed, parsed.get("QueryLanguage", "JSONPath")))
    if problems:
        raise Refused(problems)
    return Machine(_scope(parsed), parsed.get("TimeoutSeconds", LONGEST_S))


def _problems(scope: Mapping[str, Any], language: str) -> Iterator[Problem]:
    """What would not run, in the scope and inside it."""
    waiting: list[tuple[str, Mapping[str, Any]]] = [("machine", scope)]
    while waiting:
        place, scope = waiting.pop()
        states = scope.get("States")
        if not isinstance(states, Mapping) or scope.get("StartAt") not in states:
            yield Problem("interpret", place, f"StartAt {scope.get('StartAt')!r} is none of its States")
            continue
        for name, state in states.items():
            yield from _state_problems(name, state, states, language)
            waiting += [(name, branch) for branch in state.get("Branches", ())]
            if "ItemProcessor" in state:
                waiting.append((name, state["ItemProcessor"]))


def _state_problems(name: str, state: Mapping[str, Any], states: Mapping[str, Any], language: str) -> Iterator[Problem]:
    kind = state.get("Type")
    if kind not in TYPES:
        yield Problem("interpret", name, f"Type {kind!r} is none of {', '.join(TYPES)}")
        return
    if state.get("QueryLanguage", language) != "JSONata":
        yield Problem("interpret", name, "only JSONata is run here", 'add "QueryLanguage": "JSONata" to the machine')
        return
    for unknown in sorted(set(state) - EVERYWHERE - set(UNDERSTOOD[kind].split())):
        yield Problem("interpret", name, f"the field {unknown} of a {kind} is not run here")
    if state.get("ItemProcessor", {}).get("ProcessorConfig", {}).get("Mode", "INLINE") != "INLINE":
        yield Problem("interpret", name, "only inline maps are run here")
    for next_ in _nexts(state):
        if next_ not in states:
            yield Problem("interpret", name, f"Next {next_!r} is no state of the same scope")


def _nexts(state: Mapping[str, Any]) -> Iterator[str]:
    for field_ in ("Next", "Default"):
        if field_ in state:
            yield state[field_]
    for rule in (*state.get("Choices", ()), *state.get("Catch", ())):
        yield rule.get("Next", "")
    if state["Type"] in ("Task", "Pass", "Wait", "Parallel", "Map") and "Next" not in state and not state.get("End"):
        yield ""


def _scope(scope: Mapping[str, Any]) -> Scope:
    return Scope(scope["StartAt"], {name: _state(name, state) for name, state in scope["States"].items()})


def _state(name: str, written: Mapping[str, Any]) -> State:
    inner = [*written.get("Branches", ()), *([written["ItemProcessor"]] if "ItemProcessor" in written else ())]
    return State(
        name=name,
        type=written["Type"],
        then=_rule(written),
        resource=written.get("Resource", ""),
        arguments=_template(written, "Arguments"),
        timeout=Template(written.get("TimeoutSeconds", LONGEST_S)),
        heartbeat=_template(written, "HeartbeatSeconds"),
        retry=tuple(_retrier(each) for each in written.get("Retry", ())),
        catch=tuple(_rule(each) for each in written.get("Catch", ())),
        choices=tuple(_rule(each) for each in written.get("Choices", ())),
        default=written.get("Default"),
        seconds=_template(written, "Seconds"),
        timestamp=_template(written, "Timestamp"),
        error=_template(written, "Error"),
        cause=_template(written, "Cause"),
        scopes=tuple(_scope(each) for each in inner),
        items=_template(written, "Items"),
        selector=_template(written, "ItemSelector"),
        concurrency=Template(written.get("MaxConcurrency", 0)),
    )


def _template(written: Mapping[str, Any], name: str) -> Template | None:
    return Template(written[name]) if name in written else None


def _rule(written: Mapping[str, Any]) -> Rule:
    return Rule(
        next=written.get("Next"),
        assign=Template(written.get("Assign", {})),
        output=_template(written, "Output"),
        when=_template(written, "Condition"),
        errors=tuple(written.get("ErrorEquals", ())),
    )


def _retrier(written: Mapping[str, Any]) -> Retrier:
    return Retrier(
        errors=tuple(written["ErrorEquals"]),
        interval_s=written.get("IntervalSeconds", 1),
        attempts=written.get("MaxAttempts", 3),
        backoff=written.get("BackoffRate", 2.0),
        cap_s=written.get("MaxDelaySeconds"),
        jitter=written.get("JitterStrategy", "NONE") == "FULL",
    )
