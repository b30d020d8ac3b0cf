"""What a JSONata expression refers to, without running it.

The grammar is the one of the package jsonata-python; Step Functions has JSONata 2.0.6 without `$eval` and with
functions of its own: https://docs.aws.amazon.com/step-functions/latest/dg/transforming-data.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from jsonata.jexception import JException
from jsonata.parser import Parser

_NAMES = """
string length substring substringBefore substringAfter uppercase lowercase trim pad contains split join match replace
base64encode base64decode encodeUrlComponent encodeUrl decodeUrlComponent decodeUrl number abs floor ceil round power
sqrt random formatNumber formatBase formatInteger parseInteger sum max min average boolean not exists count append sort
reverse shuffle distinct zip keys lookup spread merge sift each error assert type map filter single reduce now millis
fromMillis toMillis clone partition range hash uuid parse
"""

FUNCTIONS = frozenset(_NAMES.split())
"""Functions of JSONata 2.0.6 (without eval) and of Step Functions: partition, range, hash, random, uuid, parse."""

NEWER_OPERATORS = ("??", "?:")
"""Operators of JSONata 2.1, which Step Functions does not have."""

STATES_FIELDS = ("input", "result", "errorOutput", "context")


@dataclass(frozen=True)
class Fault:
    """Why a text is not an expression, and at which character (from 1)."""

    message: str
    position: int


@dataclass(frozen=True)
class Expression:
    """What an expression refers to.

    variables: free names, without `$`, `states` and functions left out; guarded: those that `$exists` asks about;
    states: the first field behind each `$states` ("" where the whole object is taken); top: `$`, `$$` or a field name
    that means the input document, which Step Functions does not give; intrinsics: calls such as `States.Format`.
    """

    variables: frozenset[str] = frozenset()
    guarded: frozenset[str] = frozenset()
    states: frozenset[str] = frozenset()
    top: frozenset[str] = frozenset()
    intrinsics: frozenset[str] = frozenset()


@lru_cache(maxsize=65536)
def parse(code: str) -> Expression | Fault:
    """What the expression refers to, or why it is none."""
    parser = Parser()
    for operator in NEWER_OPERATORS:
        parser.symbol_table.pop(operator, None)
    try:
        tree = parser.parse(code, lambda pattern, flags: _regex(pattern))
    except JException as error:
        return Fault(str(error), error.location + 1)
    except KeyError as error:
        operator = str(error.args[0])
        place = parser.lexer.position - len(operator) + 1 if parser.lexer else 1
        newer = f"{operator} is JSONata 2.1, Step Functions has 2.0.6: write a ? b : c with $exists"
        return Fault(newer if operator in NEWER_OPERATORS else f"unexpected {operator}", place)
    except re.error as error:
        return Fault(f"regular expression: {error}", parser.lexer.position + 1 if parser.lexer else 1)
    except (IndexError, AttributeError, TypeError, ValueError):
        return Fault("the expression ends too early", len(code))
    except RecursionError:
        return Fault("the expression is nested too deeply", 1)
    found = _Walk()
    found.walk(tree, frozenset(), top=True)
    return Expression(*(frozenset(names) for names in found.names))


def _regex(pattern: str) -> re.Pattern[str]:
    return re.compile(re.sub(r"\(\?<(?![=!])", "(?P<", pattern))


class _Walk:
    """Names met in a syntax tree. `bound` are those that the expression itself defines around the node; `top` says that
    the context of the node is the input document."""

    def __init__(self) -> None:
        self.variables: set[str] = set()
        self.guarded: set[str] = set()
        self.states: set[str] = set()
        self.top: set[str] = set()
        self.intrinsics: set[str] = set()

    @property
    def names(self) -> tuple[set[str], ...]:
        return self.variables, self.guarded, self.states, self.top, self.intrinsics

    def walk(self, node: Any, bound: frozenset[str], top: bool) -> None:
        if node is None or not hasattr(node, "type"):
            return
        match node.type:
            case "path":
                self._path(node, bound, top)
            case "name" if top:
                self.top.add(str(node.value))
            case "variable":
                self._variable(node, bound, top)
            case "function" | "partial":
                self._call(node, bound, top)
            case "lambda":
                inner = bound | {str(argument.value) for argument in node.arguments or ()}
                self.walk(node.body, inner, top)
            case "block":
                for part in node.expressions or ():
                    self.walk(part, bound, top)
                    bound |= _bound_by(part)
            case "bind":
                recursive = {str(node.lhs.value)} if node.rhs.type == "lambda" else set()
                self.walk(node.rhs, bound | recursive, top)
            case "unary":
                self._each(node.expressions, bound, top)
                self._pairs(node.lhs_object, bound, top)
                self.walk(node.expression, bound, top)
            case "condition":
                self._each((node.condition, node.then, node._else), bound, top)
            case "transform":
                self._each((node.pattern, node.update, node.delete), bound, False)
            case "filter":
                self.walk(node.expr, bound, False)
            case "sort":
                self._each([term.expression for term in node.terms or ()], bound, False)
            case "binary" | "apply":
                self._each((node.lhs, node.rhs), bound, top)
            case _:
                pass
        self._attached(node, bound)

    def _attached(self, node: Any, bound: frozenset[str]) -> None:
        """What hangs on a node: predicates and a grouping, whose context is the node's value."""
        bound |= _focused([node])
        self._each(node.predicate, bound, False)
        self._each(node.stages, bound, False)
        if node.group is not None:
            self._pairs(node.group.lhs_object, bound, False)

    def _each(self, nodes: Iterable[Any] | None, bound: frozenset[str], top: bool) -> None:
        for node in nodes or ():
            self.walk(node, bound, top)

    def _pairs(self, pairs: Iterable[Iterable[Any]] | None, bound: frozenset[str], top: bool) -> None:
        for pair in pairs or ():
            self._each(pair, bound, top)

    def _path(self, node: Any, bound: frozenset[str], top: bool) -> None:
        steps = list(node.steps or ())
        bound |= _focused(steps)
        first = steps[0] if steps else None
        if first is not None and first.type == "variable" and first.value == "states":
            self.states.add(_field(steps, first))
            self._attached(first, bound)
            steps = steps[1:]
            top = False
        elif _called(node):
            self.intrinsics.add(_called(node))
            self._each(steps[-1].arguments, bound, False)
            return
        for step in steps:
            self.walk(step, bound, top)
            top = False

    def _variable(self, node: Any, bound: frozenset[str], top: bool) -> None:
        name = str(node.value)
        if name == "states":
            self.states.add("")
        elif name == "$":
            self.top.add("$$")
        elif name == "":
            if top:
                self.top.add("$")
        elif name not in bound and name not in FUNCTIONS:
            self.variables.add(name)

    def _call(self, node: Any, bound: frozenset[str], top: bool) -> None:
        procedure = node.procedure
        if procedure is not None and procedure.type == "variable" and procedure.value == "exists":
            for argument in node.arguments or ():
                first = argument.steps[0] if argument.type == "path" else argument
                if first.type == "variable":
                    self.guarded.add(str(first.value))
        self.walk(procedure, bound, top)
        self._each(node.arguments, bound, top)


def _bound_by(node: Any) -> frozenset[str]:
    """Names that `$a := $b := ...` defines for what follows in its block."""
    found: set[str] = set()
    while node is not None and node.type == "bind":
        found.add(str(node.lhs.value))
        node = node.rhs
    return frozenset(found)


def _focused(steps: Iterable[Any]) -> frozenset[str]:
    """Variables that `@$name` and `#$name` bind along a path."""
    found: set[str] = set()
    for step in steps:
        found |= {str(name) for name in (step.focus, step.index) if isinstance(name, str)}
        found |= {str(stage.value) for stage in step.stages or () if stage.type == "index"}
    return frozenset(found)


def _field(steps: list[Any], first: Any) -> str:
    if len(steps) > 1 and steps[1].type == "name":
        return str(steps[1].value)
    return "" if len(steps) == 1 else "*"


def _called(node: Any) -> str:
    """`States.Name` where the path is a call of a JSONPath intrinsic."""
    steps: list[Any] = list(node.steps or ())
    if len(steps) == 2 and steps[0].type == "name" and steps[0].value == "States" and steps[1].type == "function":
        procedure = steps[1].procedure
        name = procedure.steps[0].value if procedure.type == "path" else procedure.value
        return f"States.{name}"
    return ""
