"""Fields of a result to Python values: numbers, dates and times come as text and are told apart by `typeName`.

Shapes: docs.aws.amazon.com/redshift-data/latest/APIReference/API_Field.html and API_ColumnMetadata.html.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, datetime
from decimal import Decimal
from typing import Any

_BY_TYPE: Mapping[str, Callable[[Any], Any]] = {
    "int2": int,
    "int4": int,
    "int8": int,
    "oid": int,
    "float4": float,
    "float8": float,
    "numeric": Decimal,
    "date": date.fromisoformat,
    "timestamp": datetime.fromisoformat,
    "timestamptz": datetime.fromisoformat,
}


def value(field: Mapping[str, Any], type_name: str) -> Any:
    """None for NULL. A date outside of Python's years stays the text that it came as."""
    if field.get("isNull"):
        return None
    (found,) = field.values()
    convert = _BY_TYPE.get(type_name)
    if convert is None:
        return found
    try:
        return convert(found)
    except ValueError:
        return found


def row(record: list[Mapping[str, Any]], type_names: list[str]) -> tuple[Any, ...]:
    return tuple(map(value, record, type_names))
