"""Every policy of the plan, judged by parliament and cloudsplaining. What is accepted stands in accepted.toml."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from infra_check import plans
from infra_check.outcome import Unasked
from infra_check.place import Place
from infra_check.plans import Resource

TEXTS = ("policy", "assume_role_policy", "access_policy", "resource_policy")
"""Attributes that hold a policy."""

IDENTITY = ("aws_iam_policy", "aws_iam_role_policy")
"""Types whose policy says what its holder may do; the others say who may touch a thing."""

NOT_IAM = ("aws_ecr_lifecycle_policy",)


@dataclass(frozen=True, order=True)
class Policy:
    """`name`: address and attribute. `identity`: it says what its holder may do."""

    name: str
    text: str
    identity: bool


@dataclass(frozen=True, order=True)
class Finding:
    tool: str
    policy: str
    finding: str
    about: str


def policies(resources: list[Resource]) -> tuple[list[Policy], list[str]]:
    """The policies of a plan, and the addresses of those that are not known while planning."""
    found, unknown = [], []
    for each in resources:
        if each.type in NOT_IAM:
            continue
        for name in TEXTS:
            text = each.values.get(name)
            if each.unknown.get(name) is True and each.type.endswith("_policy"):
                unknown.append(f"{each.address}.{name}")
            if isinstance(text, str) and text.startswith("{"):
                found.append(Policy(f"{each.address}.{name}", text, name == "policy" and each.type in IDENTITY))
    return found, unknown


def all_policies(place: Place) -> tuple[list[Policy], list[str]]:
    """Of both variants, each once."""
    found: set[Policy] = set()
    unknown: set[str] = set()
    for resources in plans.known(place).values():
        mine, missing = policies(resources)
        found |= set(mine)
        unknown |= set(missing)
    return sorted(found), sorted(unknown)


def by_parliament(place: Place) -> Iterator[str]:
    try:
        from parliament import analyze_policy_string
    except ImportError as error:
        raise Unasked("parliament is not installed: run make infra-check") from error
    found, unknown = all_policies(place)
    for each in unknown:
        yield f"{each}: not known while planning; build the ARNs that it names from names"
    findings = []
    for policy in found:
        for each in analyze_policy_string(policy.text, policy.name, ignore_private_auditors=True).findings:
            if each.issue:
                findings.append(Finding("parliament", policy.name, each.issue, _about(each.detail)))
    yield from judged(place, "parliament", findings)
    place.note("parliament", f"{len(found)} policies")


def by_cloudsplaining(place: Place) -> Iterator[str]:
    try:
        from cloudsplaining.scan.policy_document import PolicyDocument
    except ImportError as error:
        raise Unasked("cloudsplaining is not installed: run make infra-check") from error
    kinds = {
        "privilege escalation": "allows_privilege_escalation",
        "data exfiltration": "allows_data_exfiltration_actions",
        "credentials exposure": "credentials_exposure",
        "resource exposure": "permissions_management_without_constraints",
        "infrastructure modification": "write_actions_without_constraints",
        "service wildcard": "service_wildcard",
    }
    found = [each for each in all_policies(place)[0] if each.identity]
    findings = []
    for policy in found:
        document = PolicyDocument(json.loads(policy.text))
        for kind, attribute in kinds.items():
            told: Any = getattr(document, attribute)
            for each in told() if callable(told) else told:
                about = each if isinstance(each, str) else str(each.get("type", each))
                findings.append(Finding("cloudsplaining", policy.name, kind, about))
    yield from judged(place, "cloudsplaining", findings)
    place.note("cloudsplaining", f"{len(found)} policies")


def judged(place: Place, tool: str, findings: list[Finding]) -> Iterator[str]:
    """Findings that are not accepted, and acceptances that nothing needs any more."""
    accepted = [each for each in read_accepted(place) if each["tool"] == tool]
    used: set[int] = set()
    for each in sorted(set(findings)):
        mine = [number for number, entry in enumerate(accepted) if _covers(entry, each)]
        used.update(mine)
        if not mine:
            yield f"{each.policy}: {each.finding}: {each.about}"
    for number, entry in enumerate(accepted):
        if number not in used:
            yield f"accepted.toml: {entry['policy']}: {entry['finding']} no longer occurs; remove the entry"
    place.note(tool, f"{len(used)} accepted kinds of finding, each with its reason")


def read_accepted(place: Place) -> list[dict[str, Any]]:
    text = (place.project / "infra" / "checks" / "accepted.toml").read_text("utf-8")
    return list(tomllib.loads(text).get("accepted", []))


def _covers(entry: dict[str, Any], found: Finding) -> bool:
    named = re.fullmatch(entry["policy"], found.policy) is not None and entry["finding"] == found.finding
    return named and any(_same(each, found.about) for each in entry["about"])


def _same(accepted: str, about: str) -> bool:
    """Equal, or with the same beginning where the accepted text ends with `*`."""
    return about.startswith(accepted[:-1]) if accepted.endswith("*") else about == accepted


def _about(detail: Any) -> str:
    return detail if isinstance(detail, str) else json.dumps(detail, sort_keys=True, default=str)
