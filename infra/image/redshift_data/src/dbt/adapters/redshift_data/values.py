"""Fields of GetStatementResult as Python values (API_Field.html, API_ColumnMetadata.html of the Data API)."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any


def _bool(text: str) -> bool:
    return {"t": True, "true": True, "f": False, "false": False}[text.lower()]


_FROM_TEXT: Mapping[str, Callable[[str], Any]] = {
    "bool": _bool,
    "date": date.fromisoformat,
    "float4": float,
    "float8": float,
    "int2": int,
    "int4": int,
    "int8": int,
    "numeric": Decimal,
    "oid": int,
    "time": time.fromisoformat,
    "timestamp": datetime.fromisoformat,
    "timestamptz": datetime.fromisoformat,
    "timetz": time.fromisoformat,
}
"""What the API answers as text, by the type's name. Other types are text."""


def value(field: Mapping[str, Any], type_name: str) -> Any:
    """One field. Text that Python has no value for (a year before Christ, infinity) stays text."""
    if field.get("isNull"):
        return None
    for key in ("longValue", "doubleValue", "booleanValue", "blobValue"):
        if key in field:
            found = field[key]
            return Decimal(str(found)) if type_name == "numeric" else found
    text = field["stringValue"]
    try:
        return _FROM_TEXT[type_name](text) if type_name in _FROM_TEXT else text
    except (ValueError, KeyError, InvalidOperation):
        return text
