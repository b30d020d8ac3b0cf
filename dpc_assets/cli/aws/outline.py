"""What a machine runs, read from its definition: units (assets that run together) and the states of each. Pure.

The compiler writes Choice, Pass and the work for every unit (docs/decisions/014); it is told here by that shape, not by
the names of assets: a Choice with one rule, whose default is a Pass, opens a unit that ends where the Pass goes on. Any
other state that does something (Task, Map) is a unit of its own, so the outline holds for machines of any kind.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Scope = Mapping[str, Any]

_WORK = ("Task", "Map")


@dataclass(frozen=True)
class Unit:
    """`states`: every state of it, nested ones too; `last`: those after which it is done; `passed`: the state that
    passes it over ("" where nothing may)."""

    name: str
    states: frozenset[str]
    last: frozenset[str]
    passed: str = ""


def units(definition: Scope) -> tuple[Unit, ...]:
    """The units of a machine, in the order of its states. A definition that holds none of that gives none."""
    return tuple(_units(definition))


def _units(scope: Scope) -> Iterator[Unit]:
    states: Mapping[str, Scope] = scope.get("States", {})
    seen: set[str] = set()
    waiting = [scope.get("StartAt")]
    while waiting:
        name = waiting.pop(0)
        state = states.get(name or "")
        if name is None or state is None or name in seen:
            continue
        seen.add(name)
        passed = _passed_over(state, states)
        if passed:
            after = states[passed].get("Next")
            work = _reached(state["Choices"][0]["Next"], after, states)
            yield _unit(name.removesuffix("?"), work, after, states, passed)
            seen |= work
            waiting.append(after)
            continue
        if state.get("Type") in _WORK:
            yield _unit(name, {name}, state.get("Next"), states, "")
        for branch in state.get("Branches", ()):
            yield from _units(branch)
        waiting += _nexts(state)


def _passed_over(state: Scope, states: Mapping[str, Scope]) -> str:
    """The Pass of a unit's Choice; "" where the state is no such Choice."""
    default = str(state.get("Default") or "")
    asks = state.get("Type") == "Choice" and len(state.get("Choices", ())) == 1
    return default if asks and states.get(default, {}).get("Type") == "Pass" else ""


def _unit(name: str, work: set[str], after: str | None, states: Mapping[str, Scope], passed: str) -> Unit:
    every = {inner for each in work for inner in _within(each, states[each])}
    last = {each for each in work if after in _nexts(states[each]) or not _nexts(states[each])}
    return Unit(name, frozenset(every), frozenset(last), passed)


def _within(name: str, state: Scope) -> Iterator[str]:
    """The state and everything inside it."""
    yield name
    processor = [state["ItemProcessor"]] if "ItemProcessor" in state else []
    for scope in (*state.get("Branches", ()), *processor):
        for inner, found in scope["States"].items():
            yield from _within(inner, found)


def _reached(first: str, end: str | None, states: Mapping[str, Scope]) -> set[str]:
    """States of the scope that are reached from `first` before `end`."""
    found: set[str] = set()
    waiting = [first]
    while waiting:
        name = waiting.pop()
        if name != end and name in states and name not in found:
            found.add(name)
            waiting += _nexts(states[name])
    return found


def _nexts(state: Scope) -> list[str]:
    """Where the state may go on in its scope."""
    rules = (*state.get("Choices", ()), *state.get("Catch", ()))
    found = [state.get("Next"), *(rule.get("Next") for rule in rules), state.get("Default")]
    return [name for name in dict.fromkeys(found) if name]
