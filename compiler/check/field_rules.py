"""Rules about the fields of a state: known, in the right query language, of the right type, in range."""

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from compiler.check import fields
from compiler.check.read import JSONATA, JSONPATH, PROCESSORS, Machine, State, listed, shown, texts
from compiler.errors import Problem

TIMESTAMP = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def is_expression(value: Any) -> bool:
    return isinstance(value, str) and value.startswith("{%") and value.endswith("%}") and len(value) >= 4


def query_language(machine: Machine) -> Iterator[Problem]:
    """QueryLanguage is JSONata or JSONPath; a JSONata machine has no JSONPath states."""
    bodies = [(scope.where, scope.body) for scope in machine.scopes]
    bodies += [(state.where, state.body) for state in machine.states]
    for where, body in bodies:
        if "QueryLanguage" in body and body["QueryLanguage"] not in (JSONATA, JSONPATH):
            message = f'QueryLanguage: expected "JSONata" or "JSONPath", found {shown(body["QueryLanguage"])}'
            yield Problem("query_language", where, message)
        elif body.get("QueryLanguage") == JSONPATH and machine.body.get("QueryLanguage") == JSONATA:
            message = "QueryLanguage: expected JSONata as in the whole machine, found JSONPath"
            yield Problem("query_language", where, message, "only a JSONPath machine may mix the two")


def unknown_field(machine: Machine) -> Iterator[Problem]:
    """Every field is one that its object may have."""
    for scope in machine.scopes:
        outermost = scope is machine.scope
        known = fields.MACHINE_FIELDS if outermost else _inner_fields(scope.where)
        yield from _unknown(scope.where, "", scope.body, known)
    for state in machine.states:
        if state.type in fields.BOTH:
            other = fields.ANY_JSONPATH_FIELD if state.language == JSONATA else fields.ANY_JSONATA_FIELD
            yield from _unknown(state.where, "", state.body, _known(state), other | fields.GOES_ON)
            for place, inner, known in _inside(state):
                yield from _unknown(state.where, place, inner, known)


def _inner_fields(where: str) -> frozenset[str]:
    return fields.BRANCH_FIELDS if where.startswith("branch ") else fields.PROCESSOR_FIELDS


def _known(state: State) -> frozenset[str]:
    own = fields.JSONATA_FIELDS if state.language == JSONATA else fields.JSONPATH_FIELDS
    return fields.BOTH[state.type] | own[state.type]


def _inside(state: State) -> Iterator[tuple[str, Mapping[str, Any], frozenset[str]]]:
    """The objects inside a state that have fields of their own: place, object, fields of either language."""
    for index, retrier in enumerate(listed(state.body.get("Retry"))):
        if isinstance(retrier, Mapping):
            yield f"Retry[{index}]", retrier, fields.RETRIER_FIELDS
    for place, rule in state.rules:
        name = place.split("[")[0]
        own = fields.CATCHER_FIELDS if name == "Catch" else fields.CHOICE_RULE_FIELDS
        yield place, rule, own | fields.JSONATA_RULE_FIELDS[name] | fields.JSONPATH_RULE_FIELDS[name]
    for name, known in (
        ("ItemReader", fields.READER_FIELDS),
        ("ResultWriter", fields.WRITER_FIELDS),
        ("ItemBatcher", fields.BATCHER_FIELDS),
    ):
        if isinstance(state.body.get(name), Mapping):
            yield name, state.body[name], known
    for name in PROCESSORS:
        config = state.body[name].get("ProcessorConfig") if isinstance(state.body.get(name), Mapping) else None
        if isinstance(config, Mapping):
            yield f"{name}.ProcessorConfig", config, frozenset({"Mode", "ExecutionType"})


def _unknown(
    where: str,
    place: str,
    body: Mapping[str, Any],
    known: frozenset[str],
    other: frozenset[str] = frozenset(),
) -> Iterator[Problem]:
    for name in body:
        if name not in known and name not in other:
            at = f"{place}: " if place else ""
            close = get_close_matches(name, sorted(known), 1)
            hint = f"did you mean {close[0]}?" if close else f"known here: {', '.join(sorted(known))}"
            yield Problem("unknown_field", where, f'{at}expected a known field, found "{name}"', hint)


def jsonpath_field(machine: Machine) -> Iterator[Problem]:
    """A JSONata state has none of the fields of JSONPath: paths, Parameters, Result..., names that end in `.$`."""
    for state in machine.states:
        if state.language == JSONATA:
            for place, name in _jsonpath_names(state):
                message = f"{place}: expected no JSONPath field in a JSONata state, found it"
                yield Problem("jsonpath_field", state.where, message, _jsonata_for(name))


def _jsonpath_names(state: State) -> Iterator[tuple[str, str]]:
    own = fields.BOTH.get(state.type, frozenset()) | fields.JSONATA_FIELDS.get(state.type, frozenset())
    for name, value in state.body.items():
        if name in fields.ANY_JSONPATH_FIELD and name not in own:
            yield name, name
        elif name in ("Arguments", "Output", "Assign", "ItemSelector", "Credentials"):
            yield from _dollar_names(value, name)
    for place, rule in state.rules:
        for name, value in rule.items():
            if name in fields.JSONPATH_RULE_FIELDS[place.split("[")[0]]:
                yield f"{place}.{name}", name
            elif name in ("Output", "Assign"):
                yield from _dollar_names(value, f"{place}.{name}")
    for name in ("ItemReader", "ResultWriter", "ItemBatcher"):
        inner = state.body.get(name)
        for key, value in inner.items() if isinstance(inner, Mapping) else ():
            if key == "Parameters" or key.endswith("Path"):
                yield f"{name}.{key}", key
            elif key == "ReaderConfig" and isinstance(value, Mapping) and "MaxItemsPath" in value:
                yield f"{name}.{key}.MaxItemsPath", "MaxItemsPath"
            else:
                yield from _dollar_names(value, f"{name}.{key}")


def _dollar_names(value: Any, place: str) -> Iterator[tuple[str, str]]:
    waiting = [(place, value)]
    while waiting:
        at, each = waiting.pop()
        if isinstance(each, Mapping):
            for name, inner in each.items():
                if isinstance(name, str) and name.endswith(".$"):
                    yield f"{at}.{name}", name
                waiting.append((f"{at}.{name}", inner))
        elif isinstance(each, list):
            waiting += [(f"{at}[{index}]", inner) for index, inner in enumerate(each)]


def _jsonata_for(name: str) -> str:
    if name.endswith(".$"):
        return f'write "{name[:-2]}": "{{% ... %}}"'
    if name in ("InputPath", "Parameters"):
        return "use Arguments with {% $states.input... %}"
    if name in ("ResultSelector", "ResultPath", "OutputPath", "Result"):
        return "use Output with {% $states.result... %}"
    if name in fields.JSONPATH_RULE_FIELDS["Choices"]:
        return 'use "Condition": "{% ... %}"'
    return f'use "{name.removesuffix("Path")}": "{{% ... %}}"'


def jsonata_field(machine: Machine) -> Iterator[Problem]:
    """A JSONPath state has none of the fields of JSONata, and no expression between {% and %}."""
    hint = 'set "QueryLanguage": "JSONata" for the machine or for the state'
    for state in machine.states:
        if state.language == JSONPATH:
            known = _known(state) if state.type in fields.BOTH else frozenset()
            for name in state.body:
                if name in fields.ANY_JSONATA_FIELD and name not in known:
                    message = f"{name}: expected no JSONata field in a JSONPath state, found it"
                    yield Problem("jsonata_field", state.where, message, hint)
            for place, rule in state.rules:
                for name in rule:
                    if name in fields.JSONATA_RULE_FIELDS[place.split("[")[0]]:
                        message = f"{place}.{name}: expected no JSONata field in a JSONPath state, found it"
                        yield Problem("jsonata_field", state.where, message, hint)
            for name in ("Parameters", "ResultSelector", "ItemSelector", "Assign", "Error", "Cause", "Seconds"):
                for at, _, text in texts(state.body.get(name), name):
                    if is_expression(text):
                        message = f"{at}: expected no JSONata expression in a JSONPath state, found {shown(text)}"
                        yield Problem("jsonata_field", state.where, message, hint)


def missing_field(machine: Machine) -> Iterator[Problem]:
    """What a state type cannot do without is there, and not empty."""
    for scope in machine.scopes:
        if not isinstance(scope.body.get("States"), Mapping) or not scope.body["States"]:
            yield Problem("missing_field", scope.where, "expected States with at least one state, found none")
    for state in machine.states:
        for group in fields.REQUIRED.get(state.type, ()):
            known = [name for name in group if name in _known(state)]
            if not any(name in state.body for name in group):
                hint = _required_hint(state.type)
                yield Problem("missing_field", state.where, f"expected {' or '.join(known)}, found none", hint)
        for name in ("Branches", "Choices"):
            if name in state.body and state.body[name] == []:
                message = f"{name}: expected at least one element, found none"
                yield Problem("missing_field", state.where, message, _required_hint(state.type))
        for place, rule in state.rules:
            yield from _rule_missing(state, place, rule)
        for name in ("ItemReader", "ResultWriter"):
            if isinstance(state.body.get(name), Mapping) and not {"Resource", "WriterConfig"} & set(state.body[name]):
                yield Problem("missing_field", state.where, f"{name}: expected Resource, found none")


def _rule_missing(state: State, place: str, rule: Mapping[str, Any]) -> Iterator[Problem]:
    if "Next" not in rule:
        yield Problem("missing_field", state.where, f"{place}: expected Next, found none", "name the state to go on to")
    if place.startswith("Choices") and state.language == JSONATA and "Condition" not in rule:
        hint = 'write "Condition": "{% ... %}"'
        yield Problem("missing_field", state.where, f"{place}: expected Condition, found none", hint)


def _required_hint(kind: str) -> str:
    return {
        "Task": "name what the task calls",
        "Parallel": "give each branch StartAt and States",
        "Map": "give it an ItemProcessor with StartAt and States",
        "Choice": "give it rules, or make it a Pass",
        "Wait": "say how long",
    }[kind]


def exclusive_fields(machine: Machine) -> Iterator[Problem]:
    """Of fields that say the same thing, an object has one."""
    for state in machine.states:
        for place, body in _exclusive(state):
            for group in fields.EXCLUSIVE:
                found = [name for name in group if name in body]
                if len(found) > 1 and (group[0] != "ItemSelector" or state.type == "Map"):
                    message = f"{place}expected one of {', '.join(group)}, found {' and '.join(found)}"
                    yield Problem("exclusive_fields", state.where, message, "keep one")


def _exclusive(state: State) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """The objects that may hold fields of which one at most is allowed, each with its place."""
    yield "", state.body
    for name in ("ItemBatcher", "ItemReader"):
        inner = state.body.get(name)
        if isinstance(inner, Mapping):
            yield f"{name}: ", inner
            if isinstance(inner.get("ReaderConfig"), Mapping):
                yield f"{name}.ReaderConfig: ", inner["ReaderConfig"]
