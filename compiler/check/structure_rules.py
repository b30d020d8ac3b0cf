"""Rules about which state follows which, and what states are called."""

from collections import Counter
from collections.abc import Iterator
from difflib import get_close_matches

from compiler.check.read import Machine, State, shown
from compiler.errors import Problem

NAME_LIMIT = 80
VARIABLE_LIMIT = 80


def no_start_at(machine: Machine) -> Iterator[Problem]:
    """A scope names the state that it starts with."""
    for scope in machine.scopes:
        if "StartAt" not in scope.body:
            yield Problem("no_start_at", scope.where, "expected StartAt, found none", _name_one(scope.states))
        elif scope.start not in scope.states:
            message = f"StartAt: expected a state of this scope, found {shown(scope.body['StartAt'])}"
            yield Problem("no_start_at", scope.where, message, _name_one(scope.states, scope.start))


def dangling_next(machine: Machine) -> Iterator[Problem]:
    """Next, Default and a catcher's or a choice rule's Next name a state that exists."""
    names = {state.name for state in machine.states}
    for scope in machine.scopes:
        for state in scope.states.values():
            for exit_ in state.exits:
                if exit_.target not in names:
                    message = f"{exit_.field}: expected a state of the same scope, found {shown(exit_.target)}"
                    yield Problem("dangling_next", state.where, message, _name_one(scope.states, exit_.target))


def escaping_branch(machine: Machine) -> Iterator[Problem]:
    """No transition leads out of a branch of a Parallel or the processor of a Map, or into one."""
    homes = {state.name: scope.where for scope in machine.scopes for state in scope.states.values()}
    for scope in machine.scopes:
        for state in scope.states.values():
            for exit_ in state.exits:
                if exit_.target in homes and exit_.target not in scope.states:
                    message = (
                        f'{exit_.field}: expected a state of {scope.where}, found "{exit_.target}" '
                        f"which is in {homes[exit_.target]}"
                    )
                    yield Problem("escaping_branch", state.where, message, "end the branch there with End or Succeed")


def unreachable_state(machine: Machine) -> Iterator[Problem]:
    """Some path from the start of its scope comes to every state."""
    for scope in machine.scopes:
        if scope.start in scope.states:
            for name in scope.states:
                if name not in scope.reachable:
                    message = f'expected a path from "{scope.start}" of {scope.where}, found none'
                    hint = "let a Next, Default, choice rule or catcher name it, or remove it"
                    yield Problem("unreachable_state", f'state "{name}"', message, hint)


def next_or_end(machine: Machine) -> Iterator[Problem]:
    """A state either goes on (Next) or ends its scope (End: true); Choice, Succeed and Fail say neither."""
    for state in machine.states:
        next_, end = "Next" in state.body, "End" in state.body
        if state.type in ("Choice", "Succeed", "Fail"):
            for name in ("Next", "End"):
                if name in state.body:
                    hint = "its rules and its Default say where it goes on" if state.type == "Choice" else "remove it"
                    yield Problem("next_or_end", state.where, f"expected no {name} in a {state.type} state", hint)
        elif not next_ and not end:
            yield Problem(
                "next_or_end", state.where, "expected Next or End, found neither", 'name the next state, or "End": true'
            )
        elif next_ and end:
            yield Problem("next_or_end", state.where, "expected Next or End, found both", "remove one of the two")
        if end and state.body["End"] is not True and state.type not in ("Choice", "Succeed", "Fail"):
            message = f"End: expected true, found {shown(state.body['End'])}"
            yield Problem("next_or_end", state.where, message, "leave End out where the state goes on")


def no_terminal_state(machine: Machine) -> Iterator[Problem]:
    """A scope can end: some path comes to a Succeed, a Fail or a state with End."""
    for scope in machine.scopes:
        if not any(state.terminal for name, state in scope.states.items() if name in scope.reachable):
            if any(state.terminal for state in scope.states.values()) and scope.start not in scope.states:
                continue
            yield Problem(
                "no_terminal_state",
                scope.where,
                "expected a path to a Succeed, a Fail or a state with End, found none",
                'end the last state with "End": true',
            )


def duplicate_name(machine: Machine) -> Iterator[Problem]:
    """A name is used once in the whole machine, branches and processors included."""
    counts = Counter(state.name for state in machine.states)
    for name, count in counts.items():
        if count > 1:
            homes = sorted(scope.where for scope in machine.scopes if name in scope.states)
            message = f"expected a name used once in the whole machine, found it in {', '.join(homes)}"
            yield Problem("duplicate_name", f'state "{name}"', message, "rename all but one")


def long_name(machine: Machine) -> Iterator[Problem]:
    """Names of states and variables have 1 to 80 characters, none of them a control character."""
    for state in machine.states:
        yield from _named(state.name, state.where, "the name")
    for state in machine.states:
        for variable in sorted(_variables(state)):
            yield from _named(variable, state.where, f"the variable ${variable[:40]}")


def _named(name: str, where: str, what: str) -> Iterator[Problem]:
    if not 1 <= len(name) <= NAME_LIMIT:
        message = f"{what}: expected 1 to {NAME_LIMIT} characters, found {len(name)}"
        yield Problem("long_name", where, message, "shorten it")
    if any(ord(letter) < 32 or 127 <= ord(letter) < 160 for letter in name):
        yield Problem("long_name", where, f"{what}: expected no control character, found {shown(name)}", "remove it")


def _variables(state: State) -> frozenset[str]:
    own = state.body.get("Assign")
    bodies = [own, *(rule.get("Assign") for _, rule in state.rules)]
    return frozenset(name.removesuffix(".$") for body in bodies if isinstance(body, dict) for name in body)


def _name_one(names: object, found: str = "") -> str:
    known = list(names) if isinstance(names, dict) else []
    close = get_close_matches(found, known, 1) if found else []
    if close:
        return f'did you mean "{close[0]}"?'
    return f"states of this scope: {', '.join(known[:8])}" + (" ..." if len(known) > 8 else "") if known else ""
