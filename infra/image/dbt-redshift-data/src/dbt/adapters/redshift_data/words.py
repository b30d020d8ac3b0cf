"""What kind of statement the SQL is, as far as transactions ask. dbt sends single statements, with comments before."""

from __future__ import annotations

import re
from enum import Enum, auto

_COMMENTS = re.compile(r"(?:\s|/\*.*?\*/|--[^\n]*(?:\n|$))*", re.DOTALL)
_WORD = re.compile(r"[a-z]+")
_INTO = re.compile(r"\binto\b", re.IGNORECASE)
_TEMPORARY = re.compile(r"create\s+(?:local\s+)?temp(?:orary)?\s+table\b", re.IGNORECASE)


class Kind(Enum):
    BEGIN = auto()
    COMMIT = auto()
    ROLLBACK = auto()
    QUERY = auto()
    """Changes nothing."""
    ROWS = auto()
    """Says how many rows it changed."""
    TEMPORARY = auto()
    """Makes a table that goes with the session."""
    OTHER = auto()


_KINDS = {
    "begin": Kind.BEGIN,
    "start": Kind.BEGIN,
    "commit": Kind.COMMIT,
    "end": Kind.COMMIT,
    "rollback": Kind.ROLLBACK,
    "abort": Kind.ROLLBACK,
    "select": Kind.QUERY,
    "with": Kind.QUERY,
    "show": Kind.QUERY,
    "insert": Kind.ROWS,
    "update": Kind.ROWS,
    "delete": Kind.ROWS,
    "merge": Kind.ROWS,
}


def kind(sql: str) -> Kind:
    start = _COMMENTS.match(sql)
    bare = sql[start.end() if start else 0 :]
    word = _WORD.match(bare.lower())
    found = _KINDS.get(word[0] if word else "", Kind.OTHER)
    if found is Kind.QUERY and _INTO.search(bare):  # SELECT INTO makes a table
        return Kind.OTHER
    if found is Kind.OTHER and _TEMPORARY.match(bare):
        return Kind.TEMPORARY
    return found
