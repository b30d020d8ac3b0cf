"""Policies as data, for the statements that read them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from infra_check.plans import Resource


def of_type(resources: list[Resource], *types: str) -> list[Resource]:
    return [each for each in resources if each.type in types]


def several(found: Any) -> list[Any]:
    """IAM writes one thing or a list of things."""
    return found if isinstance(found, list) else [] if found is None else [found]


def statements(text: Any) -> list[Mapping[str, Any]]:
    """The statements of a policy; none where it is not known."""
    return several(json.loads(text).get("Statement")) if isinstance(text, str) and text.startswith("{") else []


def conditions(statement: Mapping[str, Any]) -> Iterator[tuple[str, str, list[Any]]]:
    """(operator, key, values) of a statement."""
    for operator, keys in statement.get("Condition", {}).items():
        for key, values in keys.items():
            yield operator, key, several(values)


def nested(values: Mapping[str, Any], path: str) -> Any:
    """What stands at a path through nested blocks, of which each has at most one; None where it is not written."""
    found: Any = values
    for name in path.split("/"):
        while isinstance(found, list):
            found = found[0] if found else None
        found = found.get(name) if isinstance(found, dict) else None
    while isinstance(found, list):
        found = found[0] if found else None
    return found
