"""SQL as the Data API takes it: one statement of bounded length, with its values written into it."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from redshift_connector import ProgrammingError

BYTES = 100_000
"""Bytes of one statement that are sure to pass (Redshift Management Guide, "Using the Data API": 100 KB)."""

NAME_CHARACTERS = 500
"""Characters of a StatementName that are sure to pass (API_ExecuteStatement: 500)."""

BEGINS = frozenset({"begin", "start"})
ROLLS_BACK = frozenset({"rollback", "abort"})
ENDS = frozenset({"commit", "end"}) | ROLLS_BACK
COUNTED = frozenset({"insert", "update", "delete", "merge"})
SETS = frozenset({"set", "reset", "use"})

_BEFORE = re.compile(r"(?:\s+|--[^\n]*(?:\n|$)|/\*.*?\*/)*", re.DOTALL)
_WORD = re.compile(r"[a-z]+", re.IGNORECASE)
_NAME = r'(?:"(?:[^"]|"")+"|[\w$]+)'
_TEMPORARY = re.compile(
    rf"create\s+(?:local\s+)?temp(?:orary)?\s+table\s+(?:if\s+not\s+exists\s+)?({_NAME}(?:\.{_NAME})*)"
    rf'|create\s+table\s+(?:if\s+not\s+exists\s+)?(#[\w$]+|"#(?:[^"]|"")+")',
    re.IGNORECASE,
)

_ROW_BYTES, _COLUMN_BYTES, _STATEMENT_BYTES = 64, 8, 2_000
"""What dbt's macro writes around the values of a seed: parentheses, commas, indentation; and before the first row."""

_MOST_ROWS = 500


def first_word(sql: str) -> str:
    """The first word in lower case; comments before it do not count."""
    found = _WORD.match(sql, _end_of_comments(sql))
    return found[0].lower() if found else ""


def temporary_table(sql: str) -> str | None:
    """The name of the temporary table that the statement makes, as it is written."""
    found = _TEMPORARY.match(sql, _end_of_comments(sql))
    return (found[1] or found[2]) if found else None


def _end_of_comments(sql: str) -> int:
    found = _BEFORE.match(sql)
    return found.end() if found else 0


def literal(value: Any) -> str:
    """A value as Redshift reads it. Text has its quotes and backslashes doubled."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, Decimal) and value.is_finite():
        return format(value, "f")
    if isinstance(value, float) and math.isfinite(value):
        return repr(value)
    text = value.isoformat(sep=" ") if isinstance(value, datetime) else str(value)
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def bound(sql: str, values: Sequence[Any] | None) -> str:
    """The statement with a value for each %s. The API's own parameters take neither NULL nor empty text."""
    if not values:
        return sql
    parts = sql.split("%s")
    if len(parts) != len(values) + 1:
        raise ProgrammingError(f"expected {len(parts) - 1} values for the places in the statement, found {len(values)}")
    return parts[0] + "".join(literal(value) + part for value, part in zip(values, parts[1:], strict=True))


def refuse_long(sql: str, name: str) -> None:
    """Raises ProgrammingError for a statement that the API does not take."""
    if (size := len(sql.encode())) > BYTES:
        raise ProgrammingError(
            f"{name}: expected at most {BYTES} bytes in a statement (limit of the Redshift Data API), found {size}: "
            "make the model smaller (split it, or put lists of values into a seed)"
        )


def rows_that_fit(columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """The most rows, at least one, of which every INSERT of a seed passes the API."""
    sizes = [_ROW_BYTES + sum(_COLUMN_BYTES + len(literal(value).encode()) for value in row) for row in rows]
    room = BYTES - _STATEMENT_BYTES - sum(len(name.encode()) + 4 for name in columns)
    count = _MOST_ROWS
    while count > 1 and any(sum(sizes[at : at + count]) > room for at in range(0, len(sizes), count)):
        count //= 2
    return count
