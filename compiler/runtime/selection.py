"""Which assets a selection names: Dagster's grammar (AssetSelection.g4, Dagster 1.13) on the compiled graph.

    expr      := expr "or" expr | expr "and" expr | "not" expr | "*" | [[N]"+"] atom ["+"[N]]
    atom      := "(" expr ")" | ("sinks" | "roots") "(" expr ")" | attribute
    attribute := key:V | group:V | kind:V | owner:V | tag:K[=V] | is:external|materializable | partitions:V

`not` binds closest, then `and`, then `or`. A bare asset key stands for key:"...". What is made elsewhere is walked
through and may be named, but is never in the answer; a key brings the keys that always run with it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from compiler.runtime.asset_sets import NOTHING, AssetSets, Keys, some
from compiler.runtime.errors import UnknownSelection
from compiler.runtime.graph_file import SelectionGraph
from compiler.runtime.selection_text import FUNCTIONS, NotRead, Rewritten, Token, rewrite, tokens

SUPPORTED = ("key", "group", "kind", "owner", "tag", "is", "partitions")
ELSEWHERE = (
    "code_location",
    "status",
    "column",
    "table_name",
    "column_tag",
    "changed_in_branch",
    "automation_type",
    "sensor",
    "schedule",
    "job",
)
"""Attributes that Dagster answers from a running instance only: neither a laptop's run nor a compiled graph can."""

NESTED_MAX = 60

_RESERVED = frozenset((*SUPPORTED, *ELSEWHERE)) - {"sensor", "schedule", "job"}
"""Words that are no values unless quoted."""

_CLAUSE = re.compile(r"^(\*?\+*)([./\w\d\[\]?_-]+)(\+*\*?)?$")
_TAG = re.compile(r"tag:([A-Za-z0-9_./-]+)(?:=([A-Za-z0-9_.-]*))?")
_WRITTEN = re.compile(r"[^\s()+]+|.", re.DOTALL)


def resolve(selection: str, graph: SelectionGraph) -> frozenset[str]:
    """Keys of the assets that the selection names and that a unit of the graph makes, with required neighbours.

    Raises UnknownSelection for what cannot be read (with the column), what is not known, and a selection of nothing.
    """
    if not selection.strip():
        raise UnknownSelection("select: expected a selection, found an empty text; leave it out to run everything")
    sets = AssetSets(graph)
    rewritten = rewrite(selection)
    parser = _Parser(sets, rewritten)
    try:
        chosen = parser.read()
    except NotRead as error:
        parser.problems.clear()
        older = _older(rewritten, parser)
        if older is None:
            raise UnknownSelection(
                f"select: column {error.column}: {error}; expected a selection such as "
                f'key:"mart/orders"+ or group:mart and not kind:dbt; found {selection}'
            ) from None
        chosen = older
    if parser.problems:
        raise UnknownSelection("\n".join(dict.fromkeys(parser.problems)))
    together = sets.with_neighbours(chosen)
    if not together & sets.made:
        named = f"only what is made elsewhere: {some(together)}." if together else "no asset."
        raise UnknownSelection(f"select: {selection} names {named} {sets.known()}")
    return together & sets.made


def _older(rewritten: Rewritten, parser: _Parser) -> Keys | None:
    """What Dagster still reads when its grammar does not: one plain name with + around it, or tag:name=value."""
    clause = _CLAUSE.search(rewritten.text.strip())
    if clause is not None:
        up, name, down = clause.groups()
        start = parser.named(name, "")
        if not up and not down:
            return start
        above = parser.sets.upstream(start, _levels(up)) if up else NOTHING
        return above | (parser.sets.downstream(start, _levels(down)) if down else NOTHING)
    tag = _TAG.fullmatch(rewritten.text)
    return parser.sets.tag(tag[1], tag[2] or "") if tag else None


def _levels(marks: str) -> int | None:
    return None if "*" in marks else len(marks)


class _Parser:
    """Reads and evaluates in one go, left to right; problems with names are gathered, syntax ends it (NotRead)."""

    def __init__(self, sets: AssetSets, rewritten: Rewritten) -> None:
        self.sets = sets
        self.problems: list[str] = []
        self._rewritten = rewritten
        self._tokens: list[Token] = []
        self._at = 0
        self._nested = 0

    def read(self) -> Keys:
        self._tokens = list(tokens(self._rewritten))
        found = self._either()
        self._expect("end", "`and`, `or`, + or the end")
        return found

    def named(self, pattern: str, where: str) -> Keys:
        """The assets of a key pattern; one that matches nothing is a problem."""
        found = self.sets.key(pattern)
        if not found:
            self.problems.append(f"select: {where}unknown asset {pattern!r}; {self.sets.near(pattern)}")
        return found

    def _either(self) -> Keys:
        self._nested += 1
        if self._nested > NESTED_MAX:
            raise NotRead(self._next.column, f"expected at most {NESTED_MAX} nested parentheses")
        found = self._both()
        while self._take("or"):
            found |= self._both()
        self._nested -= 1
        return found

    def _both(self) -> Keys:
        found = self._unary()
        while self._take("and"):
            found &= self._unary()
        return found

    def _unary(self) -> Keys:
        negations = 0
        while self._take("not"):
            negations += 1
        found = self.sets.made if self._take("*") else self._traversal()
        for _ in range(min(negations, 2 + negations % 2)):
            found = self.sets.made - found
        return found

    def _traversal(self) -> Keys:
        up = down = False
        above = below = None
        if self._next.kind in ("digits", "+"):
            up, above = True, self._depth()
            self._expect("+", "+ after the number of levels")
        found = self._atom()
        if self._take("+"):
            down, below = True, self._depth()
        if not up and not down:
            return found
        upper = self.sets.upstream(found, above) if up else NOTHING
        return upper | (self.sets.downstream(found, below) if down else NOTHING)

    def _depth(self) -> int | None:
        digits = self._take("digits")
        return int(digits.text[:9]) if digits else None

    def _atom(self) -> Keys:
        function = next((name for name in FUNCTIONS if self._take(name)), "")
        if function:
            self._expect("(", f"( after {function}")
        if not function and not self._take("("):
            return self._attribute()
        found = self._either()
        self._expect(")", "a closing parenthesis")
        if function == "sinks":
            return self.sets.sinks(found)
        return self.sets.roots(found) if function == "roots" else found

    def _attribute(self) -> Keys:
        name = self._next
        if name.kind != "plain" or self._tokens[self._at + 1].kind != ":":
            raise NotRead(name.column, f"expected an asset, found {self._shown(name)}")
        self._at += 2
        by_value: Mapping[str, Callable[[str | None], Keys]] = {
            "group": self.sets.group,
            "kind": self.sets.kind,
            "owner": self.sets.owner,
            "partitions": self.sets.partitions,
        }
        if name.text in by_value:
            return by_value[name.text](self._value())
        others: Mapping[str, Callable[[Token], Keys]] = {"key": self._key, "tag": self._tag, "is": self._is}
        if name.text in others:
            return others[name.text](name)
        if name.text in ELSEWHERE:
            return self._elsewhere(name)
        hint = ' (write key:"*text*")' if name.text == "key_substring" else ""
        raise NotRead(name.column, f"unknown attribute {name.text}:, expected one of {_supported()}{hint}")

    def _key(self, name: Token) -> Keys:
        """Bare and unquoted keys were quoted before the text was cut into tokens."""
        quoted = self._take("quoted")
        if not quoted:
            raise NotRead(self._next.column, f"expected an asset key, found {self._shown(self._next)}")
        return self.named(quoted.text.strip('"'), f"column {name.column}: ")

    def _tag(self, name: Token) -> Keys:
        tag = self._value()
        if tag is None:
            raise NotRead(name.column, "expected the name of a tag, found <null>")
        return self.sets.tag(tag, (self._value() if self._take("=") else "") or "")

    def _is(self, name: Token) -> Keys:
        value = self._value()
        if value not in ("external", "materializable"):
            raise NotRead(name.column, f"is: expected external or materializable, found {value}")
        return self.sets.made if value == "materializable" else self.sets.everything - self.sets.made

    def _elsewhere(self, name: Token) -> Keys:
        self._value()
        if self._take("="):
            self._value()
        self.problems.append(
            f"select: column {name.column}: {name.text}: is known to a running Dagster only, so no run can be "
            f"selected by it; supported are {_supported()}"
        )
        return NOTHING

    def _value(self) -> str | None:
        """The text after a colon; None for <null>."""
        token = self._next
        self._at += 1
        if token.kind == "quoted":
            return token.text.strip('"')
        if token.kind == "null":
            return None
        if token.kind == "plain" and token.text not in _RESERVED:
            return token.text
        raise NotRead(
            token.column,
            f"expected a value, in quotation marks where it is not a plain word, found {self._shown(token)}",
        )

    @property
    def _next(self) -> Token:
        return self._tokens[self._at]

    def _take(self, kind: str) -> Token | None:
        if self._next.kind != kind:
            return None
        self._at += 1
        return self._tokens[self._at - 1]

    def _expect(self, kind: str, what: str) -> None:
        if not self._take(kind):
            raise NotRead(self._next.column, f"expected {what}, found {self._shown(self._next)}")

    def _shown(self, token: Token) -> str:
        """What the person wrote there."""
        found = _WRITTEN.match(self._rewritten.written, token.column - 1)
        return repr(found.group()) if found else "the end"


def _supported() -> str:
    return ", ".join(f"{name}:" for name in SUPPORTED)
