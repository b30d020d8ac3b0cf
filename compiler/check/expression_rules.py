"""Rules about JSONata expressions: they parse, and refer to what there is where they stand."""

from collections.abc import Iterator
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from compiler.check.expressions import STATES_FIELDS, Expression, Fault, parse
from compiler.check.field_rules import is_expression
from compiler.check.read import JSONATA, Machine, State, shown, texts
from compiler.errors import Problem

NOT_EVALUATED = frozenset(
    {"Type", "Comment", "QueryLanguage", "Next", "End", "Default", "Resource", "Label", "Retry", "Catch", "Choices"}
    | {"Branches", "ItemProcessor", "Iterator"}
)
"""Fields of a JSONata state that hold no expression, or hold objects that are looked at one by one."""

ALWAYS = frozenset({"input", "context"})


@dataclass(frozen=True)
class Place:
    """A string that may be an expression: where it stands, its text, the fields of `$states` that it may use."""

    at: str
    text: str
    states: frozenset[str]

    @property
    def code(self) -> str:
        return self.text[2:-2]


def places(state: State) -> Iterator[Place]:
    """Every string that a JSONata state evaluates, or means to."""
    for name, value in state.body.items():
        if name not in NOT_EVALUATED:
            after = state.type in ("Task", "Parallel", "Map") and name in ("Output", "Assign")
            yield from _in(value, name, ALWAYS | {"result"} if after else ALWAYS)
    for place, rule in state.rules:
        known = ALWAYS | {"errorOutput"} if place.startswith("Catch") else ALWAYS
        for name in ("Condition", "Output", "Assign"):
            if name in rule:
                yield from _in(rule[name], f"{place}.{name}", known)


def _in(value: Any, place: str, states: frozenset[str]) -> Iterator[Place]:
    for at, _, text in texts(value, place):
        yield Place(at, text, states)


def expressions(state: State) -> Iterator[tuple[Place, Expression]]:
    """Every expression of a JSONata state that parses."""
    if state.language == JSONATA:
        for place in places(state):
            if is_expression(place.text):
                found = parse(place.code)
                if isinstance(found, Expression):
                    yield place, found


def bad_jsonata(machine: Machine) -> Iterator[Problem]:
    """What stands between {% and %} is JSONata, and whatever starts with {% ends with %}."""
    for state in machine.states:
        for place in places(state) if state.language == JSONATA else ():
            if is_expression(place.text):
                found = parse(place.code)
                if isinstance(found, Fault):
                    at = found.position
                    message = f"{place.at}: expected JSONata, found at character {at}: {found.message}"
                    near = place.code[max(0, at - 21) : at + 20].strip()
                    yield Problem(
                        "bad_jsonata", state.where, message, f"near: {near}" if near else "write an expression"
                    )
            elif place.text.startswith("{%") != place.text.endswith("%}"):
                message = f"{place.at}: expected {{% first and %}} last, found {shown(place.text)}"
                yield Problem("bad_jsonata", state.where, message, "no text or space may stand outside")


def top_level_reference(machine: Machine) -> Iterator[Problem]:
    """No expression uses `$`, `$$` or a bare field name where that would mean an input document: there is none."""
    for state in machine.states:
        for place, found in expressions(state):
            for name in sorted(found.top):
                message = f"{place.at}: expected a variable, found {name} which means an input document"
                yield Problem("top_level_reference", state.where, message, "use $states.input or a variable")


def states_field(machine: Machine) -> Iterator[Problem]:
    """$states has input and context everywhere, result after a task, errorOutput in a catcher, nothing else."""
    for state in machine.states:
        for place, found in expressions(state):
            for name in sorted(found.states - place.states - {""}):
                if name in STATES_FIELDS:
                    message = f"{place.at}: expected no $states.{name} here, found it"
                    yield Problem("states_field", state.where, message, _where_it_is(name))
                else:
                    close = get_close_matches(name, STATES_FIELDS, 1)
                    message = f"{place.at}: expected $states.{{{', '.join(STATES_FIELDS)}}}, found $states.{name}"
                    yield Problem("states_field", state.where, message, f"did you mean {close[0]}?" if close else "")


def _where_it_is(name: str) -> str:
    if name == "result":
        return "there is a result in Output and Assign of a Task, Parallel or Map only"
    return "there is an error in Output and Assign of a catcher only"
