"""Ways to break a valid machine: each yields the machine broken at every place where that way applies."""

import copy
import json
from collections.abc import Callable, Iterator
from typing import Any

from valid_machines import Machine

Scope = dict[str, Any]
Mutation = Callable[[Machine], Iterator[Machine]]


def scopes(machine: Machine) -> Iterator[Scope]:
    """Every scope of a machine, the outermost first."""
    waiting = [machine]
    while waiting:
        scope = waiting.pop(0)
        yield scope
        for state in scope["States"].values():
            waiting += state.get("Branches", [])
            waiting += [state[name] for name in ("ItemProcessor", "Iterator") if name in state]


def everywhere(machine: Machine, change: Callable[[Scope, str, dict[str, Any], str], bool]) -> Iterator[Machine]:
    """The machine changed at one state after another; `change` says whether it applied."""
    places = [(number, name) for number, scope in enumerate(scopes(machine)) for name in scope["States"]]
    for number, name in places:
        broken = copy.deepcopy(machine)
        scope = list(scopes(broken))[number]
        state = scope["States"][name]
        language = state.get("QueryLanguage", machine.get("QueryLanguage", "JSONPath"))
        if change(scope, name, state, language):
            yield broken


def strings(value: Any) -> list[tuple[Any, Any]]:
    """(container, key) of every string inside a value, the states of inner scopes left out."""
    found: list[tuple[Any, Any]] = []
    members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in members:
        if key in ("Branches", "ItemProcessor", "Iterator", "Comment"):
            continue
        if isinstance(inner, str):
            found.append((value, key))
        found += strings(inner)
    return found


def at_every_string(
    machine: Machine, wanted: Callable[[Any, str, str], bool], make: Callable[[str], str]
) -> Iterator[Machine]:
    """The machine with one wanted string after another replaced; `wanted(key, text, language)`."""
    number = 0
    while True:
        broken = copy.deepcopy(machine)
        places = [
            (container, key)
            for scope in scopes(broken)
            for state in scope["States"].values()
            for container, key in strings(state)
            if wanted(key, container[key], state.get("QueryLanguage", machine.get("QueryLanguage", "JSONPath")))
        ]
        if number == len(places):
            return
        container, key = places[number]
        container[key] = make(container[key])
        yield broken
        number += 1


def expression(key: Any, text: str, language: str) -> bool:
    return language == "JSONata" and text.startswith("{%") and text.endswith("%}")


def target(key: Any, text: str, language: str) -> bool:
    return key in ("Next", "Default")


def dangling_next(machine: Machine) -> Iterator[Machine]:
    yield from at_every_string(machine, target, lambda text: text + " not")
    yield from at_every_string(machine, target, lambda text: text.swapcase() if text.swapcase() != text else text + "?")


def unreachable_state(machine: Machine) -> Iterator[Machine]:
    for number, _ in enumerate(scopes(machine)):
        broken = copy.deepcopy(machine)
        list(scopes(broken))[number]["States"][f"Orphan {number}"] = {"Type": "Succeed"}
        yield broken


def next_or_end(machine: Machine) -> Iterator[Machine]:
    def without(scope: Scope, name: str, state: dict[str, Any], language: str) -> bool:
        return bool({"Next", "End"} & set(state)) and [state.pop(each, None) for each in ("Next", "End")] != []

    def both(scope: Scope, name: str, state: dict[str, Any], language: str) -> bool:
        state.update({"Next": scope["StartAt"], "End": True})
        return True

    yield from everywhere(machine, without)
    yield from everywhere(machine, both)


def unknown_field(machine: Machine) -> Iterator[Machine]:
    def add(scope: Scope, name: str, state: dict[str, Any], language: str) -> bool:
        state["Colour"] = "red"
        return True

    def inside(field: str) -> Callable[[Scope, str, dict[str, Any], str], bool]:
        def change(scope: Scope, name: str, state: dict[str, Any], language: str) -> bool:
            for each in state.get(field, []):
                each["Colour"] = "red"
            return bool(state.get(field))

        return change

    yield from everywhere(machine, add)
    for field in ("Retry", "Catch", "Choices"):
        yield from everywhere(machine, inside(field))
    for number, _ in enumerate(scopes(machine)):
        broken = copy.deepcopy(machine)
        list(scopes(broken))[number]["Colour"] = "red"
        yield broken


def bad_type(machine: Machine) -> Iterator[Machine]:
    for wrong in ("Tsak", "", None, 7):

        def change(scope: Scope, name: str, state: dict[str, Any], language: str, wrong: Any = wrong) -> bool:
            state["Type"] = wrong
            return True

        yield from everywhere(machine, change)


def bad_jsonata(machine: Machine) -> Iterator[Machine]:
    for make in (lambda text: text[:-2] + " + %}", lambda text: "{% ( " + text[2:], lambda text: text[:-1]):
        yield from at_every_string(machine, expression, make)


def undefined_variable(machine: Machine) -> Iterator[Machine]:
    yield from at_every_string(machine, expression, lambda text: "{% [$nobody_set_this, (" + text[2:-2] + "\n)] %}")


def states_field(machine: Machine) -> Iterator[Machine]:
    yield from at_every_string(machine, expression, lambda text: "{% [$states.outcome, (" + text[2:-2] + "\n)] %}")


def top_level_reference(machine: Machine) -> Iterator[Machine]:
    yield from at_every_string(machine, expression, lambda text: "{% [field_of_nothing, (" + text[2:-2] + "\n)] %}")


def bad_intrinsic(machine: Machine) -> Iterator[Machine]:
    def intrinsic(key: Any, text: str, language: str) -> bool:
        return isinstance(key, str) and key.endswith(".$") and text.startswith("States.")

    yield from at_every_string(machine, expression, lambda text: "{% [States.UUID(), (" + text[2:-2] + "\n)] %}")
    yield from at_every_string(machine, intrinsic, lambda text: text.replace("States.", "States.Un", 1))
    yield from at_every_string(machine, intrinsic, lambda text: text[:-1])
    yield from at_every_string(machine, intrinsic, lambda text: text + ")")


def jsonpath_field(machine: Machine) -> Iterator[Machine]:
    def path(scope: Scope, name: str, state: dict[str, Any], language: str) -> bool:
        state["CausePath" if state["Type"] == "Fail" else "InputPath"] = "$.x"
        return language == "JSONata"

    def key(scope: Scope, name: str, state: dict[str, Any], language: str) -> bool:
        for field in ("Arguments", "Output", "Assign"):
            if isinstance(state.get(field), dict):
                state[field]["more.$"] = "$.x"
                return language == "JSONata"
        return False

    yield from everywhere(machine, path)
    yield from everywhere(machine, key)


def jsonata_field(machine: Machine) -> Iterator[Machine]:
    def change(scope: Scope, name: str, state: dict[str, Any], language: str) -> bool:
        state["Output"] = {}
        return language == "JSONPath" and state["Type"] != "Fail"

    yield from everywhere(machine, change)


def heartbeat_not_below_timeout(machine: Machine) -> Iterator[Machine]:
    def change(scope: Scope, name: str, state: dict[str, Any], language: str) -> bool:
        state.update({"HeartbeatSeconds": 300, "TimeoutSeconds": 300})
        return bool(state["Type"] == "Task")

    yield from everywhere(machine, change)


def states_all_not_last(machine: Machine) -> Iterator[Machine]:
    def first(scope: Scope, name: str, state: dict[str, Any], language: str) -> bool:
        after = state.get("Retry") or [{"ErrorEquals": ["Other"]}]
        state["Retry"] = [{"ErrorEquals": ["States.ALL"], "MaxAttempts": 1}, *after]
        return state["Type"] in ("Task", "Parallel", "Map")

    def beside(scope: Scope, name: str, state: dict[str, Any], language: str) -> bool:
        for catcher in state.get("Catch", []):
            catcher["ErrorEquals"] = ["Other", "States.ALL"]
        return bool(state.get("Catch"))

    yield from everywhere(machine, first)
    yield from everywhere(machine, beside)


def integer_for_float(machine: Machine) -> Iterator[Machine]:
    def change(scope: Scope, name: str, state: dict[str, Any], language: str) -> bool:
        state["Retry"] = [{"ErrorEquals": ["Mine"], "BackoffRate": 2}, *state.get("Retry", [])]
        return state["Type"] in ("Task", "Parallel", "Map")

    yield from everywhere(machine, change)


def no_start_at(machine: Machine) -> Iterator[Machine]:
    for number, _ in enumerate(scopes(machine)):
        for start in (None, "Somewhere"):
            broken = copy.deepcopy(machine)
            scope = list(scopes(broken))[number]
            if start:
                scope["StartAt"] = start
            else:
                del scope["StartAt"]
            yield broken


def no_terminal_state(machine: Machine) -> Iterator[Machine]:
    for number, _ in enumerate(scopes(machine)):
        broken = copy.deepcopy(machine)
        scope = list(scopes(broken))[number]
        for name, state in scope["States"].items():
            if state["Type"] in ("Succeed", "Fail"):
                scope["States"][name] = {"Type": "Pass", "Next": scope["StartAt"]}
            elif state.pop("End", False):
                state["Next"] = scope["StartAt"]
        yield broken


def long_name(machine: Machine) -> Iterator[Machine]:
    for scope in list(scopes(machine)):
        for name in scope["States"]:
            quoted = json.dumps(name, ensure_ascii=False)
            text = json.dumps(machine, ensure_ascii=False)
            yield json.loads(text.replace(quoted, json.dumps("long " + "x" * (77 - len(name)) + name)))


def duplicate_name(machine: Machine) -> Iterator[Machine]:
    for number, _ in enumerate(scopes(machine)):
        broken = copy.deepcopy(machine)
        here = list(scopes(broken))[number]
        for other in scopes(broken):
            if other is not here:
                here["States"][other["StartAt"]] = {"Type": "Succeed"}
                yield broken
                break


def escaping_branch(machine: Machine) -> Iterator[Machine]:
    def out(scope: Scope, name: str, state: dict[str, Any], language: str) -> bool:
        state["Next"] = machine["StartAt"]
        state.pop("End", None)
        return machine["StartAt"] not in scope["States"] and state["Type"] not in ("Choice", "Succeed", "Fail")

    yield from everywhere(machine, out)
    for inner in list(scopes(machine))[1:]:
        broken = copy.deepcopy(machine)
        first = broken["States"][broken["StartAt"]]
        if "Next" in first:
            first["Next"] = inner["StartAt"]
            yield broken


def bad_arn(machine: Machine) -> Iterator[Machine]:
    def arn(key: Any, text: str, language: str) -> bool:
        return key == "Resource" and text.startswith("arn:")

    for make in (
        lambda text: text[4:],
        lambda text: text.replace(":", "/"),
        lambda text: text.rsplit(":", 2)[0],
        lambda text: text.replace("arn:", "arn:x", 1),
        lambda text: text + " ",
    ):
        yield from at_every_string(machine, arn, make)


MUTATIONS: tuple[Mutation, ...] = (
    dangling_next,
    unreachable_state,
    next_or_end,
    unknown_field,
    bad_type,
    bad_jsonata,
    undefined_variable,
    states_field,
    top_level_reference,
    bad_intrinsic,
    jsonpath_field,
    jsonata_field,
    heartbeat_not_below_timeout,
    states_all_not_last,
    integer_for_float,
    no_start_at,
    no_terminal_state,
    long_name,
    duplicate_name,
    escaping_branch,
    bad_arn,
)
