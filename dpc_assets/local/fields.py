"""DuckDB's values and types as the Data API answers them (API_Field.html, API_ColumnMetadata.html)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

PAGE = 1000
"""Rows of one page of GetStatementResult."""

_TYPES = {
    "BIGINT": "int8",
    "BOOLEAN": "bool",
    "DATE": "date",
    "DOUBLE": "float8",
    "FLOAT": "float4",
    "HUGEINT": "numeric",
    "INTEGER": "int4",
    "SMALLINT": "int2",
    "TIMESTAMP": "timestamp",
    "TIMESTAMP WITH TIME ZONE": "timestamptz",
    "TINYINT": "int2",
    "VARCHAR": "varchar",
}
_DECIMAL = re.compile(r"DECIMAL\(([0-9]+),\s*([0-9]+)\)")


def column_metadata(name: str, kind: str) -> dict[str, Any]:
    """One column: its name in lower case, Redshift's type name, precision and scale of a numeric."""
    metadata: dict[str, Any] = {"name": name.lower(), "label": name.lower(), "nullable": 1, "precision": 0, "scale": 0}
    if found := _DECIMAL.fullmatch(kind):
        return metadata | {"typeName": "numeric", "precision": int(found[1]), "scale": int(found[2])}
    if kind == "HUGEINT":
        metadata["precision"] = 38
    return metadata | {"typeName": _TYPES.get(kind, "varchar")}


def page(columns: Sequence[tuple[str, str]], rows: Sequence[Sequence[Any]], start: int) -> dict[str, Any]:
    """One answer of GetStatementResult: the rows from `start` on, and the token of the next page if there is one."""
    answer: dict[str, Any] = {
        "Records": [record(row, columns) for row in rows[start : start + PAGE]],
        "ColumnMetadata": [column_metadata(name, kind) for name, kind in columns],
        "TotalNumRows": len(rows),
    }
    return answer | ({"NextToken": str(start + PAGE)} if start + PAGE < len(rows) else {})


def record(row: Sequence[Any], columns: Sequence[tuple[str, str]]) -> list[dict[str, Any]]:
    """One row of fields; a numeric is text, so that nothing of it is lost."""
    return [_field(value, kind) for value, (_, kind) in zip(row, columns, strict=True)]


def _field(value: Any, kind: str) -> dict[str, Any]:
    if value is None:
        return {"isNull": True}
    if isinstance(value, bool):
        return {"booleanValue": value}
    if isinstance(value, int):
        return {"stringValue": str(value)} if kind == "HUGEINT" else {"longValue": value}
    if isinstance(value, float):
        return {"doubleValue": value}
    if isinstance(value, bytes):
        return {"blobValue": value}
    if isinstance(value, Decimal):
        return {"stringValue": format(value, "f")}
    if isinstance(value, datetime):
        return {"stringValue": value.isoformat(sep=" ")}
    return {"stringValue": str(value)}
