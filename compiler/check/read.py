"""A definition becomes scopes and states that rules can walk, however broken it is.

A scope is what the States Language calls a state machine: the definition itself, a branch of a Parallel, the processor
of a Map. Whatever has not the right shape is left out here and reported by the rule that asks for the shape.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, NoReturn

from compiler.errors import Problem

JSONATA, JSONPATH = "JSONata", "JSONPath"

PROCESSORS = ("ItemProcessor", "Iterator")
"""Names of the field that holds the scope of a Map; the second is the deprecated one."""


@dataclass(frozen=True)
class Exit:
    """A transition: the field that names the target, and the variables that are set when it is taken."""

    field: str
    target: str
    assigns: frozenset[str]


@dataclass(frozen=True)
class State:
    """One state: its JSON object, its query language as it applies, the scopes inside it."""

    name: str
    body: Mapping[str, Any]
    language: str
    inner: tuple[Scope, ...] = ()

    @property
    def where(self) -> str:
        return f'state "{self.name}"'

    @property
    def type(self) -> str:
        found = self.body.get("Type")
        return found if isinstance(found, str) else ""

    @cached_property
    def distributed(self) -> bool:
        """A Map whose items run as executions of their own: nothing of the outer scope is seen there."""
        processor = self.body.get("ItemProcessor")
        config = processor.get("ProcessorConfig") if isinstance(processor, Mapping) else None
        return isinstance(config, Mapping) and config.get("Mode") == "DISTRIBUTED"

    @cached_property
    def exits(self) -> tuple[Exit, ...]:
        """Every transition out of the state that names a target."""
        found = [Exit(name, self.body.get(name, ""), assigned(self.body)) for name in ("Next", "Default")]
        found += [Exit(f"{place}.Next", rule.get("Next", ""), assigned(rule)) for place, rule in self.rules]
        return tuple(exit_ for exit_ in found if isinstance(exit_.target, str) and exit_.target)

    @cached_property
    def rules(self) -> tuple[tuple[str, Mapping[str, Any]], ...]:
        """The choice rules and catchers of the state, each with its place: `Choices[0]`, `Catch[1]`."""
        return tuple(
            (f"{name}[{index}]", rule)
            for name in ("Choices", "Catch")
            for index, rule in enumerate(listed(self.body.get(name)))
            if isinstance(rule, Mapping)
        )

    @property
    def terminal(self) -> bool:
        return self.type in ("Succeed", "Fail") or self.body.get("End") is True


@dataclass(frozen=True)
class Scope:
    """States that may name one another. `where` says which scope it is."""

    where: str
    body: Mapping[str, Any]
    states: Mapping[str, State]

    @property
    def start(self) -> str:
        found = self.body.get("StartAt")
        return found if isinstance(found, str) else ""

    @cached_property
    def reachable(self) -> frozenset[str]:
        """Names of the states that some path from the start comes to."""
        found: set[str] = set()
        waiting = [self.start]
        while waiting:
            name = waiting.pop()
            if name in self.states and name not in found:
                found.add(name)
                waiting += [exit_.target for exit_ in self.states[name].exits]
        return frozenset(found)


@dataclass(frozen=True)
class Machine:
    """A definition: `text` as it was given, the outermost scope, every scope and every state in it."""

    text: str
    body: Mapping[str, Any]
    scope: Scope

    @cached_property
    def scopes(self) -> tuple[Scope, ...]:
        found: list[Scope] = []
        waiting = [self.scope]
        while waiting:
            scope = waiting.pop()
            found.append(scope)
            waiting += [inner for state in scope.states.values() for inner in state.inner]
        return tuple(found)

    @cached_property
    def states(self) -> tuple[State, ...]:
        return tuple(state for scope in self.scopes for state in scope.states.values())


def read(definition: str | Mapping[str, Any]) -> tuple[Machine | None, tuple[Problem, ...]]:
    """The machine, and what is wrong with the text as JSON (then there may be no machine)."""
    if not isinstance(definition, str):
        text = json.dumps(definition, ensure_ascii=False, separators=(",", ":"), default=str)
        return _machine(text, definition), ()
    repeated: list[str] = []

    def pairs(members: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(members)
        if len(found) < len(members):
            names = [name for name, _ in members]
            repeated.extend(name for name in found if names.count(name) > 1)
        return found

    try:
        body = json.loads(definition, object_pairs_hook=pairs, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        message = f"expected JSON, found at line {error.lineno}, column {error.colno}: {error.msg}"
        return None, (Problem("not_json", "definition", message),)
    except (ValueError, RecursionError) as error:
        return None, (Problem("not_json", "definition", f"expected JSON, found: {error}"),)
    problems = tuple(
        Problem("duplicate_key", "definition", f'expected each name once in an object, found "{name}" more than once')
        for name in dict.fromkeys(repeated)
    )
    if not isinstance(body, dict):
        message = f"expected a JSON object, found {shown(body)}"
        return None, (*problems, Problem("not_json", "definition", message))
    return _machine(definition, body), problems


def _no_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _machine(text: str, body: Mapping[str, Any]) -> Machine:
    language = body.get("QueryLanguage", JSONPATH)
    return Machine(text, body, _scope("the machine", body, language if language in (JSONATA, JSONPATH) else JSONPATH))


def _scope(where: str, body: Mapping[str, Any], language: str) -> Scope:
    own = body.get("QueryLanguage", language)
    language = own if own in (JSONATA, JSONPATH) else language
    states = body.get("States")
    return Scope(
        where,
        body,
        {
            name: _state(name, state, language)
            for name, state in (states.items() if isinstance(states, Mapping) else ())
            if isinstance(state, Mapping)
        },
    )


def _state(name: str, body: Mapping[str, Any], language: str) -> State:
    own = body.get("QueryLanguage", language)
    inner = [
        _scope(f'branch {number} of "{name}"', branch, language)
        for number, branch in enumerate(listed(body.get("Branches")), 1)
        if isinstance(branch, Mapping)
    ]
    inner += [
        _scope(f'the {field} of "{name}"', body[field], language)
        for field in PROCESSORS
        if isinstance(body.get(field), Mapping)
    ]
    return State(name, body, own if own in (JSONATA, JSONPATH) else language, tuple(inner))


def listed(value: Any) -> list[Any]:
    """The value where it is a list, else nothing."""
    return value if isinstance(value, list) else []


def assigned(body: Mapping[str, Any]) -> frozenset[str]:
    """Names of the variables that an `Assign` beside these fields sets (JSONPath marks computed ones by `.$`)."""
    assign = body.get("Assign")
    return frozenset(name.removesuffix(".$") for name in assign) if isinstance(assign, Mapping) else frozenset()


def texts(value: Any, place: str = "") -> Iterator[tuple[str, str, str]]:
    """(place, key, text) of every string inside a JSON value; `key` is the name of the field that holds it."""
    waiting: list[tuple[str, str, Any]] = [(place, place.rsplit(".", 1)[-1], value)]
    while waiting:
        at, key, each = waiting.pop()
        if isinstance(each, str):
            yield at, key, each
        elif isinstance(each, Mapping):
            waiting += [(f"{at}.{name}" if at else str(name), str(name), inner) for name, inner in each.items()]
        elif isinstance(each, list | tuple):
            waiting += [(f"{at}[{index}]", key, inner) for index, inner in enumerate(each)]


def shown(value: Any) -> str:
    """A value as JSON for a message, cut at 60 characters."""
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 60 else text[:57] + "..."
