"""IAM permissions put together as small as they go, and written as a policy."""

from __future__ import annotations

import json
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any

from compiler.graph import Permission

HOLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")
"""`${name}`, which the deployment fills. IAM's own `${aws:userid}` has a colon and stays."""
HOLE_LENGTH = 100

LIMIT = 10_240
"""Characters of all policies written into one role, white space not counted (IAM quotas)."""

Condition = Mapping[str, Mapping[str, str | tuple[str, ...]]]
Pair = tuple[str, str]


def merged(permissions: Iterable[Permission]) -> tuple[Permission, ...]:
    """The same rights in few statements, sorted: what another one covers is left out, what differs in one is joined."""
    found: dict[str, set[Pair]] = defaultdict(set)
    valued: dict[Pair, dict[Pair, set[str]]] = defaultdict(lambda: defaultdict(set))
    for permission in permissions:
        pairs = {(action, resource) for action in permission.actions for resource in permission.resources}
        if (test := _one_test(permission.condition)) is None:
            found[_text(permission.condition)] |= pairs
            continue
        operator, key, values = test
        for pair in pairs:
            valued[operator, key][pair] |= values
    for (operator, key), values_by_pair in valued.items():
        for pair, several in values_by_pair.items():
            condition = {operator: {key: tuple(sorted(_uncovered(several) if "Like" in operator else several))}}
            found[_text(condition)].add(pair)
    free = _without_covered(found.pop("{}", set()))
    statements = list(_grouped(free, {}))
    for text in sorted(found):
        left = {pair for pair in _without_covered(found[text]) if not any(_covers(wide, pair) for wide in free)}
        statements += _grouped(left, json.loads(text))
    return tuple(sorted(statements, key=lambda each: (each.actions, each.resources, _text(each.condition))))


def document(permissions: Iterable[tuple[str, Permission]]) -> dict[str, Any]:
    """A policy of (Sid or empty, permission) as IAM takes it; a list of one is written as its one text."""
    statements = []
    for sid, each in permissions:
        statement: dict[str, Any] = {"Sid": sid} if sid else {}
        statement |= {"Effect": "Allow", "Action": _one(each.actions), "Resource": _one(each.resources)}
        if each.condition:
            statement["Condition"] = {
                operator: {key: _one(value) for key, value in keys.items()} for operator, keys in each.condition.items()
            }
        statements.append(statement)
    return {"Version": "2012-10-17", "Statement": statements}


def size(policy: Mapping[str, Any]) -> int:
    """Characters without white space, every hole filled by 100 characters."""
    return len(HOLE.sub("x" * HOLE_LENGTH, json.dumps(policy, separators=(",", ":"), ensure_ascii=False)))


def _one_test(condition: Condition) -> tuple[str, str, frozenset[str]] | None:
    """The operator, key and values of a condition that holds where any one value does."""
    if len(condition) != 1:
        return None
    [(operator, keys)] = condition.items()
    if len(keys) != 1 or "Not" in operator or ":" in operator or operator in ("Null", "Bool"):
        return None
    [(key, values)] = keys.items()
    return operator, key, frozenset((values,) if isinstance(values, str) else values)


def _without_covered(pairs: set[Pair]) -> set[Pair]:
    """Those that no other covers; of two that cover each other, the first."""
    written = {(action.lower(), resource): (action, resource) for action, resource in sorted(pairs, reverse=True)}
    pairs = set(written.values())
    wide = [pair for pair in pairs if "*" in pair[0] + pair[1] or "?" in pair[0] + pair[1]]
    return {
        pair
        for pair in pairs
        if not any(
            other != pair and _covers(other, pair) and not (_covers(pair, other) and pair < other) for other in wide
        )
    }


def _uncovered(values: set[str]) -> set[str]:
    return {
        value
        for value in values
        if not any(
            other != value and _matches(other, value) and not (_matches(value, other) and value < other)
            for other in values
        )
    }


def _covers(wide: Pair, pair: Pair) -> bool:
    return _matches(wide[0].lower(), pair[0].lower()) and _matches(wide[1], pair[1])


def _matches(pattern: str, text: str) -> bool:
    """Whether whatever `text` (itself maybe a pattern) matches is matched by `pattern`."""
    return pattern == text or (("*" in pattern or "?" in pattern) and bool(_compiled(pattern).fullmatch(text)))


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(re.escape(pattern).replace(r"\*", ".*").replace(r"\?", "[^*]"), re.DOTALL)


def _grouped(pairs: set[Pair], condition: Condition) -> tuple[Permission, ...]:
    """Actions of equal resources together, or resources of equal actions, whichever is shorter."""
    by_action: dict[str, set[str]] = defaultdict(set)
    by_resource: dict[str, set[str]] = defaultdict(set)
    for action, resource in pairs:
        by_action[action].add(resource)
        by_resource[resource].add(action)
    ways: list[list[tuple[list[str], list[str]]]] = [
        [(sorted(actions), sorted(resources)) for resources, actions in _alike(by_action).items()],
        [(sorted(actions), sorted(resources)) for actions, resources in _alike(by_resource).items()],
    ]
    shortest = min(ways, key=lambda way: sum(60 + len("".join(actions + resources)) for actions, resources in way))
    frozen = {
        operator: {key: value if isinstance(value, str) else tuple(value) for key, value in keys.items()}
        for operator, keys in condition.items()
    }
    return tuple(
        Permission(tuple(sorted(actions)), tuple(sorted(resources)), frozen) for actions, resources in shortest
    )


def _alike(sets: Mapping[str, set[str]]) -> dict[frozenset[str], set[str]]:
    found: dict[frozenset[str], set[str]] = defaultdict(set)
    for name, values in sets.items():
        found[frozenset(values)].add(name)
    return found


def _text(condition: Condition) -> str:
    """One text for equal conditions; a list of values has no order."""
    plain = {
        operator: {key: value if isinstance(value, str) else sorted(value) for key, value in keys.items()}
        for operator, keys in condition.items()
    }
    return json.dumps(plain, sort_keys=True)


def _one(values: str | tuple[str, ...]) -> str | list[str]:
    if isinstance(values, str):
        return values
    return values[0] if len(values) == 1 else list(values)
