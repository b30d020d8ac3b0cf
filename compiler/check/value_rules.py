"""Rules about the values of fields: their JSON type, their range, what stands beside what."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from compiler.check import fields
from compiler.check.field_rules import TIMESTAMP, is_expression
from compiler.check.read import JSONATA, Machine, State, listed, shown
from compiler.errors import Problem

Found = Iterator[tuple[str, str]]
"""(place, what was expected and found)."""

TYPES = tuple(fields.BOTH)
LABEL_LIMIT = 40
NO_LABEL = re.compile(r"[\s<>{}\[\]?*\"#%\\^|~`$&,;:/\x00-\x1f\x7f-\x9f]")
"""Characters that no Label has (Step Functions guide, Distributed Map fields)."""


def bad_type(machine: Machine) -> Iterator[Problem]:
    """A state's Type is one of the eight, and every value has the JSON type that its field asks for."""
    for scope in machine.scopes:
        for place, message in _types(scope.body, computed=False):
            yield Problem("bad_type", scope.where, f"{place}: {message}")
        states = scope.body.get("States")
        for name, body in states.items() if isinstance(states, Mapping) else ():
            if not isinstance(body, Mapping):
                message = f"expected a JSON object for a state, found {shown(body)}"
                yield Problem("bad_type", f'state "{name}"', message)
    for state in machine.states:
        if state.type not in TYPES:
            found = shown(state.body["Type"]) if "Type" in state.body else "none"
            yield Problem("bad_type", state.where, f"Type: expected one of {', '.join(TYPES)}, found {found}")
        for place, message in _state_types(state):
            yield Problem("bad_type", state.where, f"{place}: {message}")


def _state_types(state: State) -> Found:
    computed = state.language == JSONATA
    yield from _types(state.body, computed)
    for name in ("Retry", "Catch", "Choices", "Branches"):
        for index, element in enumerate(listed(state.body.get(name))):
            if not isinstance(element, Mapping):
                yield f"{name}[{index}]", f"expected a JSON object, found {shown(element)}"
    for index, retrier in enumerate(listed(state.body.get("Retry"))):
        if isinstance(retrier, Mapping):
            yield from _inside(f"Retry[{index}]", _types(retrier, computed=False))
            yield from _retrier_types(f"Retry[{index}]", retrier)
    for place, rule in state.rules:
        yield from _inside(place, _types(rule, computed))
        if "Condition" in rule and not (isinstance(rule["Condition"], bool) or is_expression(rule["Condition"])):
            yield f"{place}.Condition", f"expected true, false or {{% ... %}}, found {shown(rule['Condition'])}"
    if computed and "Items" in state.body:
        items = state.body["Items"]
        if not isinstance(items, list | Mapping) and not is_expression(items):
            yield "Items", f"expected a list or {{% ... %}}, found {shown(items)}"


def _inside(place: str, found: Found) -> Found:
    for at, message in found:
        yield f"{place}.{at}", message


def _retrier_types(place: str, retrier: Mapping[str, Any]) -> Found:
    rate = retrier.get("BackoffRate", 2.0)
    if isinstance(rate, bool) or not isinstance(rate, int | float):
        yield f"{place}.BackoffRate", f"expected a number such as 2.0, found {shown(rate)}"


def _types(body: Mapping[str, Any], computed: bool) -> Found:
    """Values of fields whose JSON type is fixed; `computed`: an expression may stand instead of a number or text."""
    for name, value in body.items():
        if computed and is_expression(value) and name not in ("StartAt", "Next", "Default", "Label", "Version"):
            if name in fields.OBJECTS or name in fields.LISTS:
                yield name, f"expected a JSON {_kind(name)}, found {shown(value)}"
        elif name in fields.INTEGERS:
            if isinstance(value, bool) or not isinstance(value, int):
                yield name, f"expected an integer, found {shown(value)}"
        elif name == "ToleratedFailurePercentage":
            if isinstance(value, bool) or not isinstance(value, int | float):
                yield name, f"expected a number, found {shown(value)}"
        elif name in fields.STRINGS and not isinstance(value, str):
            yield name, f"expected a string, found {shown(value)}"
        elif name == "Timestamp" and not TIMESTAMP.fullmatch(value):
            yield name, f"expected a time such as 2016-03-14T01:59:00Z, found {shown(value)}"
        elif name in fields.OBJECTS and not isinstance(value, Mapping):
            yield name, f"expected a JSON object, found {shown(value)}"
        elif (name in fields.LISTS and not isinstance(value, list)) or (name == "ErrorEquals" and not _names(value)):
            yield name, f"expected a list{' of error names' if name == 'ErrorEquals' else ''}, found {shown(value)}"


def _names(value: Any) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(name, str) for name in value)


def _kind(name: str) -> str:
    return "object" if name in fields.OBJECTS else "list"


def out_of_range(machine: Machine) -> Iterator[Problem]:
    """Numbers are in the range that the States Language and AWS give them."""
    bodies: list[tuple[str, str, Mapping[str, Any]]] = [("the machine", "", machine.body)]
    for state in machine.states:
        bodies.append((state.where, "", state.body))
        bodies += [
            (state.where, f"Retry[{index}].", retrier)
            for index, retrier in enumerate(listed(state.body.get("Retry")))
            if isinstance(retrier, Mapping)
        ]
    for where, place, body in bodies:
        for name, (least, most) in fields.INTEGERS.items():
            value = body.get(name)
            if isinstance(value, int) and not isinstance(value, bool) and not least <= value <= most:
                message = f"{place}{name}: expected {least:,} to {most:,}, found {value:,}"
                yield Problem("out_of_range", where, message)
        yield from _rates(where, place, body)


def _rates(where: str, place: str, body: Mapping[str, Any]) -> Iterator[Problem]:
    rate = body.get("BackoffRate")
    if isinstance(rate, int | float) and not isinstance(rate, bool) and rate < 1:
        yield Problem("out_of_range", where, f"{place}BackoffRate: expected 1.0 or more, found {rate}")
    share = body.get("ToleratedFailurePercentage")
    if isinstance(share, int | float) and not isinstance(share, bool) and not 0 <= share <= 100:
        yield Problem("out_of_range", where, f"{place}ToleratedFailurePercentage: expected 0 to 100, found {share}")
    interval, cap = body.get("IntervalSeconds", 1), body.get("MaxDelaySeconds")
    if isinstance(interval, int) and isinstance(cap, int) and cap <= interval:
        message = f"{place}MaxDelaySeconds: expected more than IntervalSeconds ({interval}), found {cap}"
        yield Problem("out_of_range", where, message, "leave MaxDelaySeconds out where the interval does not grow")
    if "JitterStrategy" in body and body["JitterStrategy"] not in ("FULL", "NONE"):
        message = f'{place}JitterStrategy: expected "FULL" or "NONE", found {shown(body["JitterStrategy"])}'
        yield Problem("out_of_range", where, message)


def integer_for_float(machine: Machine) -> Iterator[Problem]:
    """BackoffRate is written as a float (2.0, not 2): linters and typed SDKs ask for it."""
    for state in machine.states:
        for index, retrier in enumerate(listed(state.body.get("Retry"))):
            rate = retrier.get("BackoffRate") if isinstance(retrier, Mapping) else None
            if isinstance(rate, int) and not isinstance(rate, bool):
                message = f"Retry[{index}].BackoffRate: expected a float, found the integer {rate}"
                yield Problem("integer_for_float", state.where, message, f"write {rate}.0")


def heartbeat_not_below_timeout(machine: Machine) -> Iterator[Problem]:
    """HeartbeatSeconds is smaller than TimeoutSeconds, else it can never be noticed."""
    for state in machine.states:
        heartbeat, timeout = state.body.get("HeartbeatSeconds"), state.body.get("TimeoutSeconds")
        if isinstance(heartbeat, int | float) and isinstance(timeout, int | float) and heartbeat >= timeout:
            message = f"HeartbeatSeconds: expected less than TimeoutSeconds ({timeout}), found {heartbeat}"
            yield Problem("heartbeat_not_below_timeout", state.where, message, "beat more often, or wait longer")


def states_all_not_last(machine: Machine) -> Iterator[Problem]:
    """States.ALL stands alone in the last retrier and in the last catcher."""
    for state in machine.states:
        for name in ("Retry", "Catch"):
            rules = listed(state.body.get(name))
            for index, rule in enumerate(rules):
                errors = listed(rule.get("ErrorEquals")) if isinstance(rule, Mapping) else []
                if "States.ALL" in errors and index + 1 < len(rules):
                    message = (
                        f"{name}[{index}]: expected States.ALL in {name}[{len(rules) - 1}], the last, found it here"
                    )
                    hint = "what follows it would never be looked at: move it to the end"
                    yield Problem("states_all_not_last", state.where, message, hint)
                if "States.ALL" in errors and len(errors) > 1:
                    others = ", ".join(str(error) for error in errors if error != "States.ALL")
                    message = f"{name}[{index}].ErrorEquals: expected States.ALL alone, found it with {others}"
                    yield Problem(
                        "states_all_not_last", state.where, message, "it matches every error: drop the others"
                    )


def map_config(machine: Machine) -> Iterator[Problem]:
    """How a Map runs: Mode and ExecutionType are known, a Label has at most 40 characters, a batch has a size."""
    for state in machine.states:
        for message in _map_config(state):
            yield Problem("map_config", state.where, message)


def _map_config(state: State) -> Iterator[str]:
    label = state.body.get("Label")
    if isinstance(label, str) and len(label) > LABEL_LIMIT:
        yield f"Label: expected at most {LABEL_LIMIT} characters, found {len(label)}"
    if isinstance(label, str) and NO_LABEL.search(label):
        yield f"Label: expected letters, digits, - and _, found {shown(label)}"
    batcher = state.body.get("ItemBatcher")
    if isinstance(batcher, Mapping) and not any(name.startswith("Max") for name in batcher):
        yield "ItemBatcher: expected MaxItemsPerBatch or MaxInputBytesPerBatch, found neither"
    processor = state.body.get("ItemProcessor")
    config = processor.get("ProcessorConfig") if isinstance(processor, Mapping) else None
    if isinstance(config, Mapping):
        mode, kind = config.get("Mode", "INLINE"), config.get("ExecutionType")
        if mode not in ("INLINE", "DISTRIBUTED"):
            yield f"ItemProcessor.ProcessorConfig.Mode: expected INLINE or DISTRIBUTED, found {shown(mode)}"
        elif mode == "DISTRIBUTED" and kind not in ("STANDARD", "EXPRESS"):
            yield f"ItemProcessor.ProcessorConfig.ExecutionType: expected STANDARD or EXPRESS, found {shown(kind)}"
