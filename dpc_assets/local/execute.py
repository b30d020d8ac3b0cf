"""One Redshift statement on an open DuckDB connection: what it answers, and how a refusal reads."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import duckdb

from dpc_assets.local import transfer
from dpc_assets.local.copy import copy
from dpc_assets.local.translate import CannotTranslate, translate
from dpc_assets.local.unload import unload
from dpc_assets.steps.errors import InputError
from dpc_assets.steps.ports import ObjectStore

SETTINGS: dict[str, str | bool | int | float | list[str]] = {
    "memory_limit": "1GB",
    "autoinstall_known_extensions": "false",
    "autoload_known_extensions": "false",
    "allow_community_extensions": "false",
    "preserve_insertion_order": "false",
}

INTEGER_DIVISION = "SET integer_division = true"
"""7/2 is 3 in Redshift. Said on every connection: DuckDB keeps it per session."""

REFUSALS = (duckdb.Error, CannotTranslate, transfer.TransferFailed, InputError)
"""What a statement may raise when it is the statement's own fault."""


@dataclass(frozen=True)
class Answer:
    """What a statement answered.

    affected: rows that it changed or answered, -1 where the engine gives none. columns: (name, DuckDB type), empty
    where it has no result set.
    """

    affected: int = -1
    columns: Sequence[tuple[str, str]] = ()
    rows: Sequence[tuple[Any, ...]] = field(default=(), repr=False)


def execute(connection: duckdb.DuckDBPyConnection, statement: str, store: ObjectStore) -> Answer:
    """Runs one statement of Redshift's SQL, COPY and UNLOAD against `store`; raises one of REFUSALS."""
    asked = transfer.parse(statement)
    if asked is not None:
        return move(connection, asked, store)
    translated = translate(statement)
    return run(connection, translated, answers=_answers(translated)) if translated else Answer()


def move(connection: duckdb.DuckDBPyConnection, asked: transfer.Copy | transfer.Unload, store: ObjectStore) -> Answer:
    """Runs a COPY or an UNLOAD."""
    if isinstance(asked, transfer.Copy):
        return Answer(copy(connection, asked, store))
    return Answer(unload(connection, asked, store))


def run(connection: duckdb.DuckDBPyConnection, translated: str, *, answers: bool) -> Answer:
    """Runs DuckDB's SQL. `answers`: the statement is a query, so that its rows are a result set."""
    connection.execute(translated)
    columns = [(str(column[0]), str(column[1])) for column in connection.description or []]
    rows = connection.fetchall() if columns else []
    if answers:
        return Answer(len(rows), columns, rows)
    counted = bool(rows) and [name for name, _ in columns] == ["Count"]
    return Answer(int(rows[0][0]) if counted else -1)


def _answers(translated: str) -> bool:
    return translated.lstrip(" (\n\t").split(None, 1)[0].upper() in ("SELECT", "WITH", "VALUES", "FROM")


_NO_RELATION = re.compile(r"Catalog Error: (?:Table|View) with name (\S+) does not exist!")
_NO_COLUMN = re.compile(r'Binder Error: Referenced column "([^"]+)" not found in FROM clause!')
_TOO_LONG = re.compile(r"CHECK\(\(strlen\(\"?(\w+)\"?\) <= ([0-9]+)\)\)")


def refusal(error: Exception) -> str:
    """The engine's text as Redshift would put it; a value that could not be converted is left out."""
    text = " ".join(str(error).split("\n\nLINE")[0].split())
    if found := _TOO_LONG.search(text):
        return f"ERROR: value too long for type character varying({found[2]}): column {found[1]}"
    if found := _NO_RELATION.search(text):
        return f'ERROR: relation "{found[1]}" does not exist'
    if found := _NO_COLUMN.search(text):
        return f'ERROR: column "{found[1]}" does not exist'
    if isinstance(error, duckdb.TransactionException):
        return f"ERROR: 1023 serializable isolation violation: {text}"
    if isinstance(error, duckdb.OutOfMemoryException):
        return f"ERROR: disk full or memory limit reached: {text}"
    return f"ERROR: {text}"
