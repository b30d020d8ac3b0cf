"""A cursor as dbt uses one (PEP 249): rows are fetched page by page, when they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from dbt.adapters.redshift_data.literals import bound
from dbt.adapters.redshift_data.values import row

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Ended:
    """A statement that finished; `id` is empty where none was sent. rows: how many it changed, -1 unknown."""

    id: str = ""
    has_result: bool = False
    rows: int = -1


class Cursor:
    """`execute` runs SQL, `pages` answers those of a statement's result, both by the service's Id."""

    def __init__(self, execute: Callable[[str], Ended], pages: Callable[[str], Iterator[Mapping[str, Any]]]) -> None:
        self._execute = execute
        self._pages = pages
        self._ended = Ended()
        self._columns: Sequence[Mapping[str, Any]] | None = None
        self._rows: Iterator[Row] = iter(())

    def execute(self, sql: str, bindings: Sequence[Any] | None = None) -> Cursor:
        self._columns, self._rows = None, iter(())
        self._ended = self._execute(bound(sql, bindings))
        return self

    @property
    def query_id(self) -> str | None:
        return self._ended.id or None

    @property
    def rowcount(self) -> int:
        """Rows that were changed; -1 for a query and where the service does not say."""
        return self._ended.rows

    @property
    def description(self) -> list[tuple[Any, ...]] | None:
        """(name, type name, None, length, precision, scale, nullable) of each column; None without a result."""
        if not self._ended.has_result:
            return None
        self._open()
        names = ("length", "precision", "scale", "nullable")
        return [
            (each.get("label") or each["name"], each["typeName"], None, *map(each.get, names))
            for each in self._columns or ()
        ]

    def fetchone(self) -> Row | None:
        self._open()
        return next(self._rows, None)

    def fetchmany(self, size: int = 1) -> list[Row]:
        self._open()
        return list(islice(self._rows, size))

    def fetchall(self) -> list[Row]:
        self._open()
        return list(self._rows)

    def close(self) -> None:
        """Nothing is held: a result ends by itself after a day."""

    def _open(self) -> None:
        """Fetches the first page, once."""
        if self._ended.has_result and self._columns is None:
            pages = self._pages(self._ended.id)
            first = next(pages)
            self._columns = first["ColumnMetadata"]
            self._rows = self._of(first, pages)

    def _of(self, first: Mapping[str, Any], others: Iterator[Mapping[str, Any]]) -> Iterator[Row]:
        types = [str(each["typeName"]) for each in self._columns or ()]
        yield from (row(record, types) for record in first["Records"])
        for page in others:
            yield from (row(record, types) for record in page["Records"])
