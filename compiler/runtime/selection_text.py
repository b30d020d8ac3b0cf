"""A selection as text: bare asset keys made `key:"..."`, then cut into the tokens of Dagster's grammar.

The tokens are those of AssetSelection.g4 in Dagster 1.13; columns are counted in what the person wrote.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from compiler.runtime.errors import UnknownSelection

_PIECE = re.compile(
    r"""(?P<space>\s+)
      |(?P<quoted>"(?:[^"\\]|\\.)*")
      |(?P<attribute>[A-Za-z_]+:(?:"[^"]*"|[^\s()+]*)(?:="[^"]*"|=[^\s()+]*)?)
      |(?P<depth>[0-9]+(?=\+)|(?<=\+)[0-9]+)
      |(?P<mark>[()+])
      |(?P<word>[^\s()+"]+)""",
    re.VERBOSE,
)
_KEPT = frozenset({"and", "or", "not", "sinks", "roots", "*"})
_TOKEN = re.compile(
    r"""(?P<space>[ \t\r\n]+)
      |(?P<quoted>"[^"\\\r\n]*")
      |(?P<null><null>)
      |(?P<digits>[0-9]+)
      |(?P<mark>[=+:(),])
      |(?P<name>[A-Za-z_*][A-Za-z_0-9/*]*)""",
    re.VERBOSE,
)
OPERATORS = {"and": "and", "AND": "and", "or": "or", "OR": "or", "not": "not", "NOT": "not"}
FUNCTIONS = ("sinks", "roots")


@dataclass(frozen=True)
class Token:
    """`kind` is quoted, null, digits, wild, plain, or for marks, `*`, operators and functions the text itself."""

    kind: str
    text: str
    column: int


class NotRead(Exception):
    """The text is not in the grammar; `column` counts from 1 in what the person wrote."""

    def __init__(self, column: int, message: str) -> None:
        super().__init__(message)
        self.column = column


@dataclass(frozen=True)
class Rewritten:
    """The selection with bare keys quoted, and where each piece of it came from."""

    written: str
    text: str
    starts: tuple[int, ...]
    origins: tuple[tuple[int, int, int], ...]

    def column(self, offset: int) -> int:
        """Column, from 1, in what was written, of an offset into the rewritten text."""
        if offset >= len(self.text) or not self.starts:
            return len(self.written) + 1
        piece = bisect_right(self.starts, offset) - 1
        origin, length, added = self.origins[piece]
        return origin + 1 + min(max(0, offset - self.starts[piece] - added), max(0, length - 1))


def rewrite(selection: str) -> Rewritten:
    """Every bare word made `key:"..."`; operators, functions, attributes and + stay. Raises UnknownSelection."""
    texts, starts, origins = [], [], []
    position = length = 0
    while position < len(selection):
        piece = _PIECE.match(selection, position)
        if piece is None:
            raise UnknownSelection(f"select: column {position + 1}: a quotation mark is not closed: {selection}")
        old = piece.group()
        new, added = _one(piece.lastgroup or "", old)
        texts.append(new)
        starts.append(length)
        origins.append((position, len(old), added))
        length += len(new)
        position = piece.end()
    return Rewritten(selection, "".join(texts), tuple(starts), tuple(origins))


def _one(group: str, text: str) -> tuple[str, int]:
    """The piece as it shall stand, and how many characters were put in front of it."""
    if group == "quoted":
        return f"key:{text}", 4
    if group == "word" and text.lower() not in _KEPT:
        return f'key:"{text}"', 5
    if group == "attribute" and text.startswith("key:") and '"' not in text:
        return f'key:"{text[4:]}"', 1
    return text, 0


def tokens(rewritten: Rewritten) -> Iterator[Token]:
    """The tokens, without space, closed by one of kind "end". Raises NotRead."""
    position = 0
    while position < len(rewritten.text):
        found = _TOKEN.match(rewritten.text, position)
        column = rewritten.column(position)
        if found is None:
            raise NotRead(column, f"expected an asset key in quotation marks, found {rewritten.text[position]!r}")
        text, group = found.group(), found.lastgroup or ""
        position = found.end()
        if group == "mark":
            yield Token(text, text, column)
        elif group == "name":
            yield Token(_name(text), text, column)
        elif group != "space":
            yield Token(group, text, column)
    yield Token("end", "", len(rewritten.written) + 1)


def _name(text: str) -> str:
    if text == "*" or text in FUNCTIONS:
        return text
    if "*" in text:
        return "wild"
    return OPERATORS.get(text, "plain")
