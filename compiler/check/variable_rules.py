"""Rules about variables: what is used has been set on every path that comes there.

Scopes as in https://docs.aws.amazon.com/step-functions/latest/dg/workflow-variables.html: the states of a branch or of
an inline Map see the variables of the scopes around them, what they set is gone when the branch ends, and they may not
set a name of the scopes around them. The items of a distributed Map see nothing.
"""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from compiler.check import fields
from compiler.check.expression_rules import expressions
from compiler.check.expressions import FUNCTIONS
from compiler.check.read import JSONATA, Machine, Scope, State, assigned, texts
from compiler.errors import Problem

Names = frozenset[str]

IDENTIFIER = re.compile(r"[^\W\d]\w*")
_REFERENCE = re.compile(r"(?<![\w$.\])'\"\\])\$(?!\$)([^\W\d]\w*)")
_QUOTED = re.compile(r"'(?:[^'\\]|\\.)*'")


def undefined_variable(machine: Machine) -> Iterator[Problem]:
    """Every variable that a state uses has been set on each path to it, in its scope or in one around it.

    Of a variable that some expression of the scope asks about with `$exists`, one path is enough.
    """
    waiting: list[tuple[Scope, Names, Names]] = [(machine.scope, frozenset(), frozenset())]
    while waiting:
        scope, always, sometimes = waiting.pop()
        on_every, on_some = _flow(scope, always, every=True), _flow(scope, sometimes, every=False)
        asked = frozenset[str]().union(*(_asked(state) for state in scope.states.values()))
        for name, state in scope.states.items():
            known, maybe = on_every.get(name), on_some.get(name, frozenset())
            if known is not None:
                yield from _undefined(state, known, maybe, asked)
                for inner in state.inner:
                    nothing: Names = frozenset()
                    waiting.append((inner, nothing, nothing) if state.distributed else (inner, known, maybe))


def _undefined(state: State, known: Names, maybe: Names, asked: Names) -> Iterator[Problem]:
    for place, name, guarded in _used(state):
        if name not in known and not guarded and not (name in asked and name in maybe):
            message = f"{place}: expected ${name} to be set on every path to here, found {_found(name, known, maybe)}"
            yield Problem("undefined_variable", state.where, message, _meant(name, known))


def _found(name: str, known: Names, maybe: Names) -> str:
    return "a path that does not set it" if name in maybe else "nothing that sets it"


def _meant(name: str, known: Names) -> str:
    if name == "eval":
        return "Step Functions has no $eval; $parse turns JSON text into a value"
    close = get_close_matches(name, sorted(known | FUNCTIONS), 1, 0.75)
    if close:
        return f"did you mean ${close[0]}?"
    if not known:
        return "set it with Assign in a state before"
    return f"set here: {', '.join(f'${each}' for each in sorted(known))}"


def _flow(scope: Scope, outer: Names, every: bool) -> dict[str, Names]:
    """Variables set when each reachable state is entered: on every path to it, or on at least one."""
    found: dict[str, Names] = {}
    if scope.start in scope.states:
        found[scope.start] = outer
    waiting = [scope.start] if scope.start in scope.states else []
    while waiting:
        name = waiting.pop()
        for exit_ in scope.states[name].exits:
            if exit_.target in scope.states:
                coming = found[name] | exit_.assigns
                before = found.get(exit_.target)
                after = coming if before is None else (before & coming if every else before | coming)
                if after != before:
                    found[exit_.target] = after
                    waiting.append(exit_.target)
    return found


def _used(state: State) -> Iterator[tuple[str, str, bool]]:
    """(place, variable, whether the expression itself asks if it exists)."""
    for place, found in expressions(state):
        for name in sorted(found.variables):
            yield place.at, name, name in found.guarded
    if state.language != JSONATA:
        for at, path in paths(state):
            for name in sorted(set(_REFERENCE.findall(_QUOTED.sub("''", path))) - {"states"}):
                yield at, name, False


def _asked(state: State) -> Names:
    """Variables of which the state asks whether they are set."""
    found = frozenset[str]().union(*(expression.guarded for _, expression in expressions(state)))
    asked = [rule.get("Variable") for _, rule in state.rules if "IsPresent" in rule]
    return found.union(*(_REFERENCE.findall(path) for path in asked if isinstance(path, str)))


def paths(state: State) -> Iterator[tuple[str, str]]:
    """(place, text) of every path or intrinsic of a JSONPath state."""
    for name, value in state.body.items():
        if name in fields.ANY_JSONPATH_FIELD - {"Result"} and isinstance(value, str):
            yield name, value
        elif name in TEMPLATES:
            yield from _computed(value, name)
    for name in ("ItemReader", "ResultWriter", "ItemBatcher"):
        yield from _computed(state.body.get(name), name)
    for place, rule in state.rules:
        yield from _rule_paths(place, rule)


TEMPLATES = frozenset({"Parameters", "ResultSelector", "ItemSelector", "Assign", "Credentials"})


def _computed(value: Any, place: str) -> Iterator[tuple[str, str]]:
    for at, key, text in texts(value, place):
        if key.endswith(".$") or (key.endswith("Path") and key[:-4] in _BATCH):
            yield at, text


_BATCH = ("MaxItems", "MaxItemsPerBatch", "MaxInputBytesPerBatch")


def _rule_paths(place: str, rule: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    waiting: list[tuple[str, Any]] = [(place, rule)]
    while waiting:
        at, each = waiting.pop()
        if isinstance(each, Mapping):
            for name, value in each.items():
                if (name in ("Variable", "ResultPath") or name.endswith("Path")) and isinstance(value, str):
                    yield f"{at}.{name}", value
                elif name in ("And", "Or", "Not"):
                    waiting.append((f"{at}.{name}", value))
                elif name == "Assign":
                    yield from _computed(value, f"{at}.{name}")
        elif isinstance(each, list):
            waiting += [(f"{at}[{index}]", inner) for index, inner in enumerate(each)]


def reserved_variable(machine: Machine) -> Iterator[Problem]:
    """No state sets `states`, and what is set is an identifier."""
    for state in machine.states:
        for name in sorted(_set_by(state)):
            if name == "states":
                message = "Assign: expected any name but states, which is reserved"
                yield Problem("reserved_variable", state.where, message, "rename the variable")
            elif not IDENTIFIER.fullmatch(name):
                message = f'Assign: expected a name of letters, digits and _, found "{name}"'
                yield Problem("reserved_variable", state.where, message, "rename the variable")


def shadowed_variable(machine: Machine) -> Iterator[Problem]:
    """No state sets a variable that has been set in a scope around its own."""
    waiting: list[tuple[Scope, Names]] = [(machine.scope, frozenset())]
    while waiting:
        scope, outer = waiting.pop()
        on_some = _flow(scope, outer, every=False)
        for name, state in scope.states.items():
            for variable in sorted(_set_by(state) & outer):
                message = f"Assign: expected a name that no scope around {scope.where} has set, found ${variable}"
                yield Problem("shadowed_variable", state.where, message, "give it a name of its own")
            nothing: Names = frozenset()
            seen = nothing if state.distributed else on_some.get(name, nothing)
            waiting += [(inner, seen) for inner in state.inner]


def _set_by(state: State) -> Names:
    return assigned(state.body).union(*(assigned(rule) for _, rule in state.rules))
