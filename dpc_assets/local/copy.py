"""COPY from the lake into DuckDB as Redshift loads it: every part below the prefix, '' stays '', nothing is quoted.

docs.aws.amazon.com/redshift/latest/dg/r_COPY.html: a prefix without objects fails; fields are cut at the tab only; a
value longer than its VARCHAR (bytes), a wrong number of columns or a broken archive fails the statement.
"""

from __future__ import annotations

import gzip
import re
import tempfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import duckdb

from dpc_assets.local.transfer import Copy, TransferFailed, key
from dpc_assets.steps.ports import ObjectStore

_CARRIAGE_RETURN = chr(0xF000D)
"""Stands for CR while DuckDB reads a part: it takes a bare CR for a line end. No cp932 text decodes to it."""

_CHUNK = 1 << 20
_LONGEST_LINE = 1 << 24
_WHOLE = {"INTEGER": 1 << 31, "BIGINT": 1 << 63}


@dataclass(frozen=True)
class Column:
    """A column that is loaded: its DuckDB type, and the bytes that it takes (None: no limit)."""

    name: str
    kind: str
    width: int | None


@dataclass(frozen=True)
class _Plain:
    """An unpacked part. `bare`: a CR in it was replaced; `lines` as Redshift counts them."""

    path: Path
    bare: bool
    lines: int


def copy(connection: duckdb.DuckDBPyConnection, asked: Copy, store: ObjectStore) -> int:
    """Loads the parts in key order inside the open transaction, one at a time; answers the rows."""
    parts = [found.key for found in store.list(key(asked.uri, store))]
    if not parts:
        raise TransferFailed(f"COPY {asked.table}: the prefix {asked.uri} holds no object")
    columns = _columns(connection, asked)
    return sum(_part(connection, asked.table, columns, store, each) for each in parts)


def _columns(connection: duckdb.DuckDBPyConnection, asked: Copy) -> list[Column]:
    schema, table = asked.table.split(".")
    found = connection.execute(
        "SELECT column_name, data_type FROM duckdb_columns() "
        "WHERE schema_name = ? AND table_name = ? ORDER BY column_index",
        [schema, table],
    ).fetchall()
    if not found:
        raise TransferFailed(f"COPY {asked.table}: there is no such table")
    checks = connection.execute(
        "SELECT constraint_text FROM duckdb_constraints() "
        "WHERE schema_name = ? AND table_name = ? AND constraint_type = 'CHECK'",
        [schema, table],
    ).fetchall()
    limits = [re.search(r'strlen\("?([a-z_0-9]+)"?\) <= ([0-9]+)', text, re.IGNORECASE) for (text,) in checks]
    widths = {limit[1].lower(): int(limit[2]) for limit in limits if limit}
    kinds = dict(found)
    unknown = [name for name in asked.columns if name not in kinds]
    if unknown:
        raise TransferFailed(f"COPY {asked.table}: there is no column {', '.join(unknown)}")
    return [Column(name, kinds[name], widths.get(name)) for name in (asked.columns or tuple(kinds))]


def _part(
    connection: duckdb.DuckDBPyConnection, table: str, columns: Sequence[Column], store: ObjectStore, part: str
) -> int:
    with tempfile.TemporaryDirectory(prefix="dpc-copy-") as folder:
        with store.open(part) as packed:
            plain = _unpacked(packed, Path(folder) / "part.tsv", part)
        if not plain.lines:
            return 0
        try:
            row = connection.execute(_insert(table, columns, plain)).fetchone()
        except duckdb.InterruptException:
            raise
        except duckdb.Error as error:
            place = _first_problem(plain, columns)
            if place is None and isinstance(error, duckdb.TransactionException | duckdb.OutOfMemoryException):
                raise
            raise TransferFailed(
                f"COPY {table} FROM {part}: {place or f'the part was refused ({type(error).__name__})'}"
            ) from error
        loaded = int(row[0]) if row else 0
        if loaded != plain.lines:
            place = _first_problem(plain, columns) or f"expected {plain.lines} lines, loaded {loaded}"
            raise TransferFailed(f"COPY {table} FROM {part}: {place}")
        return loaded


def _insert(table: str, columns: Sequence[Column], plain: _Plain) -> str:
    kinds = ", ".join(f"'{column.name}': '{column.kind}'" for column in columns)
    texts = ", ".join(f"'{column.name}'" for column in columns if column.kind == "VARCHAR")
    select = ", ".join(
        f"replace({column.name}, '{_CARRIAGE_RETURN}', chr(13))"
        if plain.bare and column.kind == "VARCHAR"
        else column.name
        for column in columns
    )
    return (
        f"INSERT INTO {table} ({', '.join(column.name for column in columns)}) SELECT {select} "
        f"FROM read_csv('{plain.path}', auto_detect=false, delim='\t', quote='', escape='', comment='', header=false, "
        f"strict_mode=true, new_line='\\n', compression='none', columns={{{kinds}}}, force_not_null=[{texts}], "
        f"max_line_size={_LONGEST_LINE}, buffer_size={4 * _LONGEST_LINE})"
    )


def _unpacked(packed: BinaryIO, path: Path, part: str) -> _Plain:
    """Unpacks a part to `path`, its checksum verified."""
    mark = _CARRIAGE_RETURN.encode()
    bare, lines, last = False, 0, b"\n"
    try:
        with gzip.GzipFile(fileobj=packed) as source, path.open("wb") as target:
            while chunk := source.read(_CHUNK):
                if b"\r" in chunk:
                    bare, chunk = True, chunk.replace(b"\r", mark)
                lines += chunk.count(b"\n")
                last = chunk[-1:]
                target.write(chunk)
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise TransferFailed(f"COPY FROM {part}: the object is not whole gzip data: {error}") from error
    return _Plain(path, bare, lines + (last != b"\n"))


def _first_problem(plain: _Plain, columns: Sequence[Column]) -> str | None:
    """Where the part differs from the table, for a person: the first line, its column; values are not repeated."""
    with plain.path.open("rb") as lines:
        for number, line in enumerate(lines, start=1):
            fields = line.removesuffix(b"\n").split(b"\t")
            if len(fields) != len(columns):
                return f"line {number}: expected {len(columns)} columns, found {len(fields)}"
            for position, (field, column) in enumerate(zip(fields, columns, strict=True), start=1):
                wrong = _wrong(field.replace(_CARRIAGE_RETURN.encode(), b"\r"), column)
                if wrong:
                    return f"line {number} column {position} ({column.name}): {wrong}"
    return None


def _wrong(field: bytes, column: Column) -> str | None:
    try:
        text = field.decode()
    except UnicodeDecodeError:
        return "expected UTF-8, found other bytes"
    if column.kind in _WHOLE:
        whole = (
            re.fullmatch(r"-?[0-9]{1,19}", text) is not None and -_WHOLE[column.kind] <= int(text) < _WHOLE[column.kind]
        )
        return None if whole else f"expected a whole number ({column.kind.lower()}), found other text"
    if column.width is not None and len(field) > column.width:
        return f"expected at most {column.width} bytes, found {len(field)}"
    return None
