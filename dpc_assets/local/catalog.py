"""Makes the columns of the catalog's tables: `python -m dpc_assets.local.catalog FILE` (`make compile` does).

The types are asked of the marts themselves: what dbt compiles for Redshift, built in an empty warehouse, and translated
to Glue's names. The words are dbt's own. So a column is declared nowhere a second time, and neither a cloud nor data is
needed. The same sources give the same bytes.
"""

from __future__ import annotations

import json
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

import duckdb

from dpc_assets.local.compiled import build_with, compiled
from dpc_assets.local.translate import translate
from dpc_assets.steps import dictionary, migrate
from dpc_assets.steps.errors import InputError
from dpc_assets.steps.export import DATASETS

SCHEMA = "dpc-catalog/1"

GLUE_TYPES = {
    "BIGINT": "bigint",
    "BOOLEAN": "boolean",
    "DATE": "date",
    "DOUBLE": "double",
    "INTEGER": "int",
    "TIMESTAMP": "timestamp",
    "VARCHAR": "string",
}
"""DuckDB's type -> Glue's, where both engines say the same of an expression. HUGEINT and decimals are not among them:
their width follows from rules that differ between the engines, so a mart casts them."""

COMMENT_BYTES = 255
"""Bytes of UTF-8 that pass as the comment of a column: Glue counts characters, Terraform's provider bytes."""


def empty_marts() -> duckdb.DuckDBPyConnection:
    """The marts as Redshift's SQL makes them, without a row. The caller closes the connection."""
    connection = duckdb.connect()
    for migration in migrate.migrations():
        for statement in filter(None, map(translate, migration.statements)):
            connection.execute(statement)
    build_with(connection, compiled("redshift"), None, translate)
    return connection


def datasets(connection: duckdb.DuckDBPyConnection) -> dict[str, Any]:
    """`{dataset: {description, columns: [{name, type, comment}]}}` of every exported dataset, columns in order.

    Raises InputError that names every column without words, with too many, or of a type that has no sure name in Glue.
    """
    words = dictionary.described()
    found: dict[str, Any] = {}
    wrong: list[str] = []
    for dataset in DATASETS:
        about = words.get(dataset, {})
        columns = []
        for name, kind, *_ in connection.execute(f"DESCRIBE mart.{dataset}").fetchall():
            said = about.get("columns", {}).get(name, {})
            comment = f"{said.get('ja', '')}: {said.get('en', '')}"
            where = f"mart.{dataset}.{name}"
            if kind not in GLUE_TYPES:
                expected = ", ".join(sorted(GLUE_TYPES))
                wrong.append(f"{where}: expected one of {expected}, found {kind}: cast it in the model")
            if not said.get("ja") or not said.get("en"):
                wrong.append(f"{where}: expected a description in both languages in dbt/models/mart, found {said}")
            if len(comment.encode()) > COMMENT_BYTES:
                wrong.append(f"{where}: expected words of at most {COMMENT_BYTES} bytes, found {len(comment.encode())}")
            columns.append({"name": name, "type": GLUE_TYPES.get(kind, kind), "comment": comment})
        found[dataset] = {"description": f"{about.get('ja', '')} / {about.get('en', '')}", "columns": columns}
    if wrong:
        raise InputError("\n".join(wrong))
    return found


def text() -> str:
    """The file's whole text."""
    with closing(empty_marts()) as connection:
        document = {"schema": SCHEMA, "datasets": datasets(connection)}
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: python -m dpc_assets.local.catalog FILE")
    Path(sys.argv[1]).write_text(text(), encoding="utf-8", newline="\n")
