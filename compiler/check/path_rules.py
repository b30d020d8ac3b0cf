"""Rules about JSONPath states: paths, intrinsic functions, choice rules; and about intrinsics in JSONata."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from compiler.check import fields
from compiler.check.expression_rules import expressions, places
from compiler.check.expressions import FUNCTIONS
from compiler.check.field_rules import TIMESTAMP
from compiler.check.intrinsics import wrong_intrinsic, wrong_path
from compiler.check.read import JSONATA, JSONPATH, Machine, State, shown
from compiler.check.variable_rules import TEMPLATES, paths
from compiler.errors import Problem

INSTEAD: Mapping[str, str] = {
    "States.Format": "& joins texts",
    "States.StringToJson": "use $parse",
    "States.JsonToString": "use $string",
    "States.Array": "write [a, b]",
    "States.ArrayPartition": "use $partition",
    "States.ArrayContains": "use the operator in",
    "States.ArrayRange": "use $range or [1..9]",
    "States.ArrayGetItem": "write array[index]",
    "States.ArrayLength": "use $count",
    "States.ArrayUnique": "use $distinct",
    "States.Base64Encode": "use $base64encode",
    "States.Base64Decode": "use $base64decode",
    "States.Hash": "use $hash",
    "States.JsonMerge": "use $merge",
    "States.MathRandom": "use $random",
    "States.MathAdd": "use +",
    "States.StringSplit": "use $split",
    "States.UUID": "use $uuid",
}
"""What JSONata has in place of each intrinsic function."""

_REFERENCES = frozenset({"ResultPath", "SecondsPath", "TimestampPath", "TimeoutSecondsPath", "HeartbeatSecondsPath"})
_MAY_BE_NULL = frozenset({"InputPath", "OutputPath", "ResultPath"})
_TAKE_INTRINSICS = frozenset({"ErrorPath", "CausePath"})
_INTRINSIC_TEXT = re.compile(r"\s*States\.\w+\s*\(.*\)\s*", re.DOTALL)


def bad_intrinsic(machine: Machine) -> Iterator[Problem]:
    """Intrinsic functions exist, are written rightly, and stand in JSONPath states only."""
    for state in machine.states:
        if state.language == JSONATA:
            for place, found in expressions(state):
                for name in sorted(found.intrinsics):
                    yield _in_jsonata(state, place.at, name)
            for place in places(state):
                if _INTRINSIC_TEXT.fullmatch(place.text):
                    yield _in_jsonata(state, place.at, place.text.split("(")[0].strip())
        else:
            for at, text in paths(state):
                if not text.startswith("$") and _may_call(at):
                    wrong = wrong_intrinsic(text)
                    if wrong:
                        message = f"{at}: expected a path or an intrinsic function, found {wrong}"
                        yield Problem("bad_intrinsic", state.where, message, _intrinsic_hint(text))


def _in_jsonata(state: State, at: str, name: str) -> Problem:
    message = f"{at}: expected JSONata, found the JSONPath intrinsic {name}"
    return Problem("bad_intrinsic", state.where, message, INSTEAD.get(name, "Step Functions has no such function"))


def _intrinsic_hint(text: str) -> str:
    bare = text.split("(")[0]
    if bare.lstrip("$") in FUNCTIONS:
        return "that is a function of JSONata"
    return "e.g. States.Format('{}', $.name); a path starts with $"


def _may_call(at: str) -> bool:
    return at.endswith(".$") or at.rsplit(".", 1)[-1] in _TAKE_INTRINSICS


def bad_path(machine: Machine) -> Iterator[Problem]:
    """Paths of JSONPath states start with $, close what they open, and name one place where one is asked for."""
    for state in machine.states:
        if state.language == JSONPATH:
            for at, text in paths(state):
                name = at.rsplit(".", 1)[-1]
                if not _may_call(at) or text.startswith("$"):
                    wrong = wrong_path(text, reference=name in _REFERENCES)
                    if name == "ResultPath" and re.match(r"\$[$\w]", text):
                        wrong = f"{text}, which is no place in the state's own data"
                    if wrong:
                        yield Problem("bad_path", state.where, f"{at}: expected a path, found {wrong}")
            for name, value in state.body.items():
                asked = name in fields.ANY_JSONPATH_FIELD and name not in TEMPLATES | {"Result"}
                if asked and not isinstance(value, str) and not (value is None and name in _MAY_BE_NULL):
                    yield Problem("bad_path", state.where, f"{name}: expected a path as text, found {shown(value)}")


def bad_choice_rule(machine: Machine) -> Iterator[Problem]:
    """A JSONPath choice rule is And, Or, Not, or a Variable with one comparison to a value of the right type."""
    for state in machine.states:
        if state.language == JSONPATH and state.type == "Choice":
            for place, rule in state.rules:
                for message in _wrong_rule(place, rule, outermost=True):
                    yield Problem("bad_choice_rule", state.where, message)


def _wrong_rule(place: str, rule: Any, outermost: bool) -> Iterator[str]:
    if not isinstance(rule, Mapping):
        yield f"{place}: expected a JSON object, found {shown(rule)}"
        return
    if not outermost and "Next" in rule:
        yield f"{place}: expected Next on the outermost rule only, found it inside"
    joins = [name for name in ("And", "Or", "Not") if name in rule]
    comparisons = [name for name in rule if name in fields.COMPARATORS]
    if len(joins) + bool(comparisons or "Variable" in rule) != 1:
        yield f"{place}: expected And, Or, Not or a Variable with a comparison, found {', '.join(rule) or 'nothing'}"
    elif joins:
        inner = rule[joins[0]]
        if joins[0] == "Not":
            yield from _wrong_rule(f"{place}.Not", inner, outermost=False)
        elif not isinstance(inner, list) or not inner:
            yield f"{place}.{joins[0]}: expected a list of rules, found {shown(inner)}"
        else:
            for index, each in enumerate(inner):
                yield from _wrong_rule(f"{place}.{joins[0]}[{index}]", each, outermost=False)
    else:
        if not isinstance(rule.get("Variable"), str):
            yield f"{place}.Variable: expected a path, found {shown(rule.get('Variable'))}"
        if len(comparisons) != 1:
            yield f"{place}: expected one comparison, found {', '.join(comparisons) or 'none'}"
        for name in comparisons:
            yield from _wrong_value(f"{place}.{name}", name, rule[name])


def _wrong_value(place: str, name: str, value: Any) -> Iterator[str]:
    wanted = next(kind for kind in ("String", "Numeric", "Timestamp", "Boolean", "Is") if name.startswith(kind))
    if name.endswith("Path"):
        right, text = isinstance(value, str), "a path"
    elif wanted == "String":
        right, text = isinstance(value, str), "a text"
    elif wanted == "Numeric":
        right, text = isinstance(value, int | float) and not isinstance(value, bool), "a number"
    elif wanted == "Timestamp":
        right, text = isinstance(value, str) and bool(TIMESTAMP.fullmatch(value)), "a time such as 2016-03-14T01:59:00Z"
    else:
        right, text = isinstance(value, bool), "true or false"
    if not right:
        yield f"{place}: expected {text}, found {shown(value)}"


def duplicate_key(machine: Machine) -> Iterator[Problem]:
    """No two fields of a payload template have one name once `.$` is taken off."""
    for state in machine.states:
        if state.language == JSONPATH:
            waiting: list[tuple[str, Any]] = [(name, state.body.get(name)) for name in sorted(TEMPLATES)]
            while waiting:
                at, each = waiting.pop()
                if isinstance(each, Mapping):
                    for name in each:
                        if f"{name}.$" in each:
                            message = f'{at}: expected a name once, found "{name}" and "{name}.$"'
                            yield Problem("duplicate_key", state.where, message, "keep one")
                    waiting += [(f"{at}.{name}", inner) for name, inner in each.items()]
                elif isinstance(each, list):
                    waiting += [(f"{at}[{index}]", inner) for index, inner in enumerate(each)]
