"""COPY and UNLOAD between DuckDB and the lake, as Redshift does them with the options that we use, and no others.

docs.aws.amazon.com/redshift/latest/dg/r_COPY.html and r_UNLOAD.html: COPY loads every object below the prefix and fails
where there is none; fields are cut at the delimiter, nothing is quoted or trimmed, '' stays ''. UNLOAD with CLEANPATH
empties the prefix first.
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

from dpc_assets.local.translate import translate
from dpc_assets.steps.ports import ObjectStore

_COPY = re.compile(r"\s*COPY\s+([a-z_0-9.]+)\s+FROM\s+'((?:[^']|'')*)'\s+(.*)", re.IGNORECASE | re.DOTALL)
_UNLOAD = re.compile(
    r"\s*UNLOAD\s*\(\s*'((?:[^']|'')*)'\s*\)\s*TO\s+'((?:[^']|'')*)'\s+(.*)", re.IGNORECASE | re.DOTALL
)
_COPY_OPTIONS = ("IAM_ROLE DEFAULT", "GZIP", "DELIMITER '\\T'", "NULL AS '\\000'", "ENCODING UTF8")
_UNLOAD_OPTIONS = ("IAM_ROLE DEFAULT", "FORMAT AS PARQUET", "CLEANPATH", "PARALLEL OFF")
_CARRIAGE_RETURN = chr(0xF000D)
"""Stands for CR while DuckDB reads a part, which takes a bare CR for a line end; no cp932 text decodes to it."""

_CHUNK = 1 << 20


class TransferFailed(Exception):
    """COPY or UNLOAD refused; the text names the object and, where there is one, the line."""


@dataclass(frozen=True)
class Copy:
    """COPY `table` FROM every object below `uri`."""

    table: str
    uri: str


@dataclass(frozen=True)
class Unload:
    """UNLOAD the rows of `query` (Redshift SQL) to `uri` as Parquet."""

    query: str
    uri: str


def parse(statement: str) -> Copy | Unload | None:
    """The transfer that a statement asks for, None for any other; an option that is not ours raises TransferFailed."""
    if found := _COPY.fullmatch(statement):
        _only(found[3], _COPY_OPTIONS, "COPY")
        return Copy(found[1].lower(), found[2].replace("''", "'"))
    if found := _UNLOAD.fullmatch(statement):
        _only(found[3], _UNLOAD_OPTIONS, "UNLOAD")
        return Unload(found[1].replace("''", "'"), found[2].replace("''", "'"))
    return None


def _only(text: str, allowed: Sequence[str], verb: str) -> None:
    rest = " ".join(text.upper().split()).rstrip("; ")
    for option in allowed:
        rest = rest.replace(option, "", 1)
    if rest.strip():
        raise TransferFailed(f"{verb}: expected the options {', '.join(allowed)}; found also {rest.strip()}")


def _key(uri: str, store: ObjectStore) -> str:
    root = store.uri("")
    if not uri.startswith(root):
        raise TransferFailed(f"expected an address in the lake {root}, found {uri}")
    return uri[len(root) :]


def copy(connection: duckdb.DuckDBPyConnection, copy: Copy, store: ObjectStore) -> int:
    """Loads the parts in key order inside the open transaction; answers the rows."""
    parts = [found.key for found in store.list(_key(copy.uri, store))]
    if not parts:
        raise TransferFailed(f"COPY {copy.table}: the prefix {copy.uri} holds no object")
    schema, table = copy.table.split(".")
    columns = connection.execute(
        "SELECT column_name, data_type FROM information_schema.columns "
        "WHERE table_schema = ? AND table_name = ? ORDER BY ordinal_position",
        [schema, table],
    ).fetchall()
    if not columns:
        raise TransferFailed(f"COPY {copy.table}: there is no such table")
    return sum(_copy_part(connection, copy.table, columns, store, key) for key in parts)


def _copy_part(
    connection: duckdb.DuckDBPyConnection, table: str, columns: list[tuple[str, str]], store: ObjectStore, key: str
) -> int:
    with tempfile.TemporaryDirectory(prefix="dpc-copy-") as folder:
        plain = Path(folder) / "part.tsv"
        with store.open(key) as packed:
            bare = _unpacked(packed, plain, key)
        if not plain.stat().st_size:
            return 0
        types = ", ".join(f"'{name}': '{kind}'" for name, kind in columns)
        texts = [name for name, kind in columns if kind == "VARCHAR"]
        select = ", ".join(
            f"replace({name}, '{_CARRIAGE_RETURN}', chr(13))" if bare and kind == "VARCHAR" else name
            for name, kind in columns
        )
        try:
            row = connection.execute(
                f"INSERT INTO {table} SELECT {select} FROM read_csv('{plain}', auto_detect=false, delim='\t', quote='', "
                f"escape='', comment='', header=false, strict_mode=true, new_line='\\n', compression='none', "
                f"columns={{{types}}}, force_not_null=[{', '.join(repr(name) for name in texts)}], "
                f"max_line_size=16777216, buffer_size=67108864)"
            ).fetchone()
        except duckdb.Error as error:
            text = " ".join(str(error).replace(str(plain), key).split())
            raise TransferFailed(f"COPY {table} FROM {key}: {text[:600]}") from error
        return int(row[0]) if row else 0


def _unpacked(packed: BinaryIO, plain: Path, key: str) -> bool:
    """Unpacks a part; answers whether a CR was replaced in it."""
    bare = False
    mark = _CARRIAGE_RETURN.encode()
    try:
        with gzip.GzipFile(fileobj=packed) as source, plain.open("wb") as target:
            while chunk := source.read(_CHUNK):
                if b"\r" in chunk:
                    bare, chunk = True, chunk.replace(b"\r", mark)
                target.write(chunk)
    except (EOFError, OSError, zlib.error) as error:
        raise TransferFailed(f"COPY FROM {key}: the object is not whole gzip data: {error}") from error
    return bare


def unload(connection: duckdb.DuckDBPyConnection, unload: Unload, store: ObjectStore) -> int:
    """Empties the prefix, then writes one Parquet object `000.parquet` below it; answers the rows."""
    prefix = _key(unload.uri, store)
    for found in list(store.list(prefix)):
        store.delete(found.key)
    with tempfile.TemporaryDirectory(prefix="dpc-unload-") as folder:
        parquet = Path(folder) / "000.parquet"
        row = connection.execute(
            f"COPY ({translate(unload.query)}) TO '{parquet}' (FORMAT parquet, COMPRESSION zstd)"
        ).fetchone()
        with store.writer(f"{prefix}000.parquet") as target, parquet.open("rb") as source:
            while chunk := source.read(_CHUNK):
                target.write(chunk)
    return int(row[0]) if row else 0
