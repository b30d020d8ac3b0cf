"""Enough of IAM to say which statement allows a call: actions, resources, and the conditions that our policies use.

Allow statements of one role only: no deny, no boundary, no policy of the resource. What is not known raises.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Need:
    """One permission that a call takes: an action on a resource, with what AWS tells the policy about the call."""

    action: str
    resource: str
    told: Mapping[str, str] = field(default_factory=dict, hash=False)


@dataclass(frozen=True, order=True)
class Grant:
    """The smallest piece of a policy: one action pattern on one resource pattern, under one value of a condition."""

    action: str
    resource: str
    condition: str = ""


def matches(pattern: str, value: str) -> bool:
    """IAM's wildcards: * is anything, also nothing and slashes; ? is one character."""
    parts = ("." if char == "?" else ".*" if char == "*" else re.escape(char) for char in pattern)
    return re.fullmatch("".join(parts), value, re.DOTALL) is not None


def several(found: Any) -> list[Any]:
    return list(found) if isinstance(found, list) else [found]


def grants(statements: Sequence[Mapping[str, Any]]) -> Iterator[Grant]:
    """Every piece of the statements: of each list of values every value is one."""
    for each in statements:
        if each.get("Effect", "Allow") != "Allow":
            raise ValueError(f"expected Allow, found {each}")
        for action in several(each["Action"]):
            for resource in several(each["Resource"]):
                for condition in conditions(each) or [""]:
                    yield Grant(action, resource, condition)


def conditions(statement: Mapping[str, Any]) -> list[str]:
    """`operator key value` of each value. Two keys in one statement would have to hold together: not known here."""
    found = [
        (operator, key, value)
        for operator, keys in statement.get("Condition", {}).items()
        for key, values in keys.items()
        for value in several(values)
    ]
    if len({key for _, key, _ in found}) > 1:
        raise ValueError(f"expected one key in the condition, found {statement['Condition']}")
    return [f"{operator} {key} {value}" for operator, key, value in found]


def allows(grant: Grant, need: Need) -> bool:
    if not matches(grant.action.lower(), need.action.lower()) or not matches(grant.resource, need.resource):
        return False
    if not grant.condition:
        return True
    operator, key, value = grant.condition.split(" ", 2)
    given = need.told.get(key)
    if given is None:
        return False
    if operator == "StringEquals":
        return given == value
    if operator == "StringLike":
        return matches(value, given)
    raise ValueError(f"unknown operator {operator}")
