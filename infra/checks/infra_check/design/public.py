"""Whom policies of resources let in: this account, and services that act for it."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from infra_check.design.texts import conditions, several, statements
from infra_check.plans import ACCOUNT, Resource

OWN = {"aws_kms_key": "policy"}
"""Types that hold the policy themselves; those that end in `_policy` are found by their name."""

NO_PRINCIPAL = ("aws_iam_", "aws_ecr_lifecycle_policy")
"""What a policy of IAM says, it says to its holder; a lifecycle policy lets nobody in."""


def lets_in(resources: list[Resource]) -> Iterator[str]:
    """No statement of a bucket, key, topic or queue lets in everybody, another account, or a service acting for one."""
    found = 0
    for each in resources:
        argument = OWN.get(each.type) or ("policy" if each.type.endswith("_policy") else None)
        if argument is None or each.type.startswith(NO_PRINCIPAL):
            continue
        found += 1
        text = statements(each.values.get(argument))
        if not text:
            yield f"{each.address}: whom it lets in is not known while planning"
        for statement in text:
            if statement["Effect"] == "Allow":
                yield from (f"{each.address}: {problem}" for problem in _strangers(statement))
    if not found:
        yield "expected policies of buckets, keys, topics and queues, found none"


def _strangers(statement: Mapping[str, Any]) -> Iterator[str]:
    name, principal = statement.get("Sid", "a statement"), statement.get("Principal")
    if not isinstance(principal, dict) or "*" in several(principal.get("AWS")):
        yield f"{name}: lets in everybody: expected roles or services by name, found {json.dumps(principal)}"
        return
    for one in several(principal.get("AWS")):
        if f":{ACCOUNT}:" not in str(one):
            yield f"{name}: {one}: expected this account"
    bound = any(ACCOUNT in str(value) for _, _, values in conditions(statement) for value in values)
    for service in several(principal.get("Service")):
        if not bound:
            yield f"{name}: {service}: expected a condition that names this account, found none"
