"""Bindings of dbt (seeds) as literals in the SQL.

Parameters of the Data API would not do: they hold neither NULL nor the empty string
(docs.aws.amazon.com/redshift-data/latest/APIReference/API_SqlParameter.html: a value of at least one character).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from dbt.adapters.redshift_data.errors import ProgrammingError

STATEMENT_BYTES = 100_000
"""UTF-8 bytes of one statement that are sure to pass: the service takes 100 KB."""

PLACE = "%s"


def literal(value: Any) -> str:
    """Redshift reads a backslash in a literal as an escape, so it is doubled as quotes are."""
    if value is None:
        return "NULL"
    if isinstance(value, bool):
        return "TRUE" if value else "FALSE"
    if isinstance(value, int | float | Decimal):
        if not Decimal(value).is_finite():
            raise ProgrammingError(f"a number that Redshift can hold was expected, {value} was found")
        return str(value)
    if isinstance(value, datetime):
        text = value.isoformat(sep=" ")
    elif isinstance(value, date):
        text = value.isoformat()
    else:
        text = str(value)
    return "'" + text.replace("\\", "\\\\").replace("'", "''") + "'"


def bound(sql: str, bindings: Sequence[Any] | None) -> str:
    """The SQL with each `%s` replaced, in order. Without bindings it is left as it is."""
    if not bindings:
        return sql
    parts = sql.split(PLACE)
    if len(parts) != len(bindings) + 1:
        raise ProgrammingError(f"{len(bindings)} bindings were expected to fill {len(parts) - 1} places in the SQL")
    return "".join(part for pair in zip(parts, [*map(literal, bindings), ""], strict=True) for part in pair)


def batches(head: str, rows: Iterable[Sequence[Any]], limit: int = STATEMENT_BYTES) -> list[list[Sequence[Any]]]:
    """Rows of `head (..),(..)` in as few statements of at most `limit` bytes as they need, in order.

    A row that is too long by itself stands alone; it is refused when it is sent.
    """
    found: list[list[Sequence[Any]]] = []
    size = limit
    for each in rows:
        more = sum(len(literal(value).encode()) + 1 for value in each) + len("(),")
        if size + more > limit:
            found.append([])
            size = len(head.encode())
        found[-1].append(each)
        size += more
    return found
