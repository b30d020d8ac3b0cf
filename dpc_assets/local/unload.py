"""UNLOAD from DuckDB to the lake as Redshift writes it with PARALLEL OFF: one Parquet object, rows in order.

docs.aws.amazon.com/redshift/latest/dg/r_UNLOAD.html: without CLEANPATH or ALLOWOVERWRITE an object below the prefix is
an error; CLEANPATH removes what lies there first.
"""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path

import duckdb

from dpc_assets.local.transfer import TransferFailed, Unload, key
from dpc_assets.local.translate import translate
from dpc_assets.steps.ports import ObjectStore

_CHUNK = 1 << 20
_NAME = "000.parquet"


def unload(connection: duckdb.DuckDBPyConnection, asked: Unload, store: ObjectStore) -> int:
    """Writes the rows of the query; answers how many. The query runs before anything in the lake is touched."""
    prefix = key(asked.uri, store)
    there = [found.key for found in store.list(prefix)]
    if there and not (asked.clean or asked.overwrite):
        raise TransferFailed(f"UNLOAD: {asked.uri} holds {len(there)} objects: add CLEANPATH or ALLOWOVERWRITE")
    with tempfile.TemporaryDirectory(prefix="dpc-unload-") as folder:
        parquet = Path(folder) / _NAME
        query = _typed(connection, translate(asked.query))
        row = connection.execute(f"COPY ({query}) TO '{parquet}' (FORMAT parquet, COMPRESSION snappy)").fetchone()
        for each in there if asked.clean else ():
            store.delete(each)
        with store.writer(prefix + _NAME) as target, parquet.open("rb") as source:
            shutil.copyfileobj(source, target, _CHUNK)
    return int(row[0]) if row else 0


def _typed(connection: duckdb.DuckDBPyConnection, query: str) -> str:
    """The query with Redshift's type where DuckDB sums integers to HUGEINT, which Parquet would hold as a double."""
    described = connection.execute(f"DESCRIBE {query}").fetchall()
    wide = [name for name, kind, *_ in described if kind in ("HUGEINT", "UHUGEINT")]
    if not wide:
        return query
    casts = ", ".join(f'CAST("{name}" AS DECIMAL(38, 0)) AS "{name}"' for name in wide)
    return f"SELECT * REPLACE ({casts}) FROM ({query}) AS unloaded"
