"""JSONata as Step Functions evaluates it: templates read once, values in and out as plain JSON.

A string between `{%` and `%}` is an expression, alone or anywhere inside an object or array. An expression that answers
nothing, or something that is not JSON, is States.QueryEvaluationError
(https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import jsonata
from jsonata.utils import Utils

from compiler.interpreter import functions
from compiler.interpreter.failing import QUERY_ERROR, StateFailed

Json = Any
"""None, bool, int, float, str, or lists and string-keyed dicts of these. Never changed in place by the interpreter."""

NULL = Utils.NULL_VALUE
PATH = re.compile(r"\s*\$(\w+)((?:\.[A-Za-z_]\w*)*)\s*")
NAMES = re.compile(r"\$([A-Za-z_]\w*)")
PARTS = re.compile(r"\$states\s*\.\s*([A-Za-z]+)")
RESERVED = frozenset({"and", "or", "in", "true", "false", "null", "function"})


class Variables:
    """The workflow variables that one scope sees; `bound` is the same with JSONata's null, made when asked for."""

    __slots__ = ("bound", "plain")

    def __init__(self, plain: Mapping[str, Json] | None = None) -> None:
        self.plain: dict[str, Json] = dict(plain or {})
        self.bound: dict[str, Any] = {}

    def with_assigned(self, values: Mapping[str, Json]) -> Variables:
        """These and `values`, which replace those of the same name."""
        made = Variables(self.plain | dict(values))
        made.bound = {name: value for name, value in self.bound.items() if name not in values}
        return made

    def get(self, name: str) -> Any:
        if name not in self.bound:
            self.bound[name] = to_jsonata(self.plain[name])
        return self.bound[name]


@dataclass(frozen=True)
class Frame:
    """What an expression sees: `variables`, `$states`, and the functions that know the virtual clock."""

    variables: Variables
    states: Mapping[str, Json]
    calls: Mapping[str, Callable[..., Any]]

    def having(self, **parts: Json) -> Frame:
        return Frame(self.variables, {**self.states, **parts}, self.calls)


class Template:
    """A value of the definition. `constant` where nothing in it is an expression."""

    __slots__ = ("_read", "constant", "written")

    def __init__(self, written: Json) -> None:
        self.written = written
        self._read = _reader(written)
        self.constant = self._read is None

    def value(self, frame: Frame) -> Json:
        """The value with its expressions evaluated. Raises `StateFailed`."""
        return self.written if self._read is None else self._read(frame)


Reader = Callable[[Frame], Json]


def _reader(written: Json) -> Reader | None:
    """What evaluates the value; None for a constant."""
    if isinstance(written, str):
        return _expression(written[2:-2]) if written.startswith("{%") and written.endswith("%}") else None
    if isinstance(written, dict):
        members = [(name, _reader(value), value) for name, value in written.items()]
        if all(read is None for _, read, _ in members):
            return None
        return lambda frame: {name: value if read is None else read(frame) for name, read, value in members}
    if isinstance(written, list):
        items = [(_reader(value), value) for value in written]
        if all(read is None for read, _ in items):
            return None
        return lambda frame: [value if read is None else read(frame) for read, value in items]
    return None


def _expression(code: str) -> Reader:
    path = PATH.fullmatch(code)
    if path is None or not path[1].isidentifier():
        return lambda frame: evaluate(code, frame)
    name, steps = path[1], tuple(path[2].split(".")[1:])
    if RESERVED.intersection(steps):
        return lambda frame: evaluate(code, frame)
    return lambda frame: _looked_up(name, steps, code, frame)


def _looked_up(name: str, steps: tuple[str, ...], code: str, frame: Frame) -> Json:
    """`$name.a.b` through objects is a look-up, without JSONata; whatever else it meets is left to JSONata."""
    value: Json = frame.states if name == "states" else frame.variables.plain.get(name)
    for step in steps:
        if type(value) is not dict or step not in value:
            return evaluate(code, frame)
        value = value[step]
    if value is None and not steps and name not in frame.variables.plain:
        return evaluate(code, frame)
    return value


@dataclass(frozen=True)
class _Parsed:
    expression: jsonata.Jsonata
    names: frozenset[str]
    parts: frozenset[str] | None


@lru_cache(maxsize=16384)
def _parsed(code: str) -> _Parsed:
    """The expression parsed, the variables that it may name, and the fields of `$states` (None: maybe all)."""
    expression = jsonata.Jsonata(code)
    expression.set_output_convert_nulls(False)
    for name, function in functions.ADDED.items():
        expression.register_lambda(name, function)
    names = frozenset(NAMES.findall(code))
    parts = PARTS.findall(code)
    whole = len(parts) != len(re.findall(r"\$states\b", code))
    return _Parsed(expression, names, None if whole else frozenset(parts))


def evaluate(code: str, frame: Frame) -> Json:
    """The value of a JSONata expression. Raises `StateFailed` with States.QueryEvaluationError."""
    try:
        parsed = _parsed(code)
        bindings: dict[str, Any] = {
            name: frame.variables.get(name) for name in parsed.names if name in frame.variables.plain
        }
        bindings["states"] = {
            part: to_jsonata(value)
            for part, value in frame.states.items()
            if parsed.parts is None or part in parsed.parts
        }
        for name in parsed.names & frame.calls.keys():
            bindings[name] = jsonata.Jsonata.JLambda(frame.calls[name])
        answer = parsed.expression.evaluate(None, bindings)
    except jsonata.JException as error:
        raise StateFailed(QUERY_ERROR, f"The JSONata expression '{code.strip()}' failed: {error}") from error
    except (ValueError, TypeError, ArithmeticError, AttributeError, LookupError, RecursionError) as error:
        raise StateFailed(QUERY_ERROR, f"The JSONata expression '{code.strip()}' failed: {error}") from error
    if answer is None:
        raise StateFailed(QUERY_ERROR, f"The JSONata expression '{code.strip()}' returned nothing (undefined).")
    return from_jsonata(answer, code)


def to_jsonata(value: Json) -> Any:
    """Plain JSON with JSONata's null in place of None, which JSONata reads as undefined."""
    if value is None:
        return NULL
    if isinstance(value, dict):
        return {name: to_jsonata(member) for name, member in value.items()}
    if isinstance(value, list | tuple):
        return [to_jsonata(item) for item in value]
    return value


def from_jsonata(value: Any, code: str) -> Json:
    """Plain JSON from JSONata's answer, as a copy. Raises `StateFailed` where it holds a function or a NaN."""
    if value is NULL or value is None:
        return None
    if isinstance(value, str | bool | int):
        return value
    if isinstance(value, float) and math.isfinite(value):
        return value
    if isinstance(value, dict):
        return {name: from_jsonata(member, code) for name, member in value.items()}
    if isinstance(value, list):
        return [from_jsonata(item, code) for item in value]
    raise StateFailed(QUERY_ERROR, f"The JSONata expression '{code.strip()}' returned an unsupported result type.")
