"""What is in the plan at all: only what the design names, and by the agreed names."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from infra_check import plans
from infra_check.design.texts import of_type
from infra_check.keys import KEYS, NO_KEY
from infra_check.place import Place
from infra_check.plans import Resource

ROLES = ("role-lambda-dpc", "role-redshift-copy", "role-stepfunctions-dpc", "role-dbt-runner")
MACHINES = ("dpc-learning-elt", "dpc-learning-schedule")
KEY_ALIAS = "alias/dpc-learning-kms"


def names(resources: list[Resource]) -> Iterator[str]:
    """Names that people and programs rely on; an environment that shares its account adds its suffix to some."""
    have = {each.name for each in resources} | {str(each.values.get("name")) for each in resources}
    for wanted in (*ROLES, *MACHINES, KEY_ALIAS):
        if not any(each.startswith(wanted) for each in have):
            yield f"expected {wanted}, found none"
    for each in of_type(resources, "aws_lambda_function"):
        if not each.name.startswith("dpc-"):
            yield f"{each.address}: expected a name that starts with dpc-, found {each.name}"
    if not any(each.name.startswith("dpc-learning-data-") for each in of_type(resources, "aws_s3_bucket")):
        yield "expected the bucket dpc-learning-data-<environment>, found none"


def allowed(project: Path) -> Mapping[str, Mapping[str, str]]:
    """Resource types of the design, by environment variant, each with what it is for."""
    found: dict[str, Any] = tomllib.loads((project / "infra" / "checks" / "design.toml").read_text("utf-8"))
    return found


def outside_the_design(place: Place) -> Iterator[str]:
    """Types in a plan that the design does not name, and types that it names and no plan holds."""
    listed = allowed(place.project)
    known = plans.known(place)
    found = {variant: {each.type for each in resources} for variant, resources in known.items()}
    always, with_quicksight = set(listed["always"]), set(listed["with QuickSight"])
    for variant, types in found.items():
        may = always | (with_quicksight if variant == "with QuickSight" else set())
        for each in sorted(types - may):
            addresses = [one.address for one in known[variant] if one.type == each]
            yield f"{variant}: {each} is outside the design: {', '.join(addresses)}; see infra/checks/design.toml"
        for each in sorted(may - types):
            yield f"{variant}: {each} is in infra/checks/design.toml and in no plan; remove it there"
    place.note("design:scope", f"{len(found['with QuickSight'])} types of resources")


def takes_a_key(place: Place) -> Iterator[str]:
    """Types of the plan whose schema names a KMS key have to be judged by `one-key`, or be listed with the reason."""
    schemas = plans.schemas(place)
    types = {each.type for resources in plans.known(place).values() for each in resources}
    for each in sorted(types):
        arguments = sorted(set(_arguments(schemas[each]["block"])))
        if arguments and each not in KEYS and each not in NO_KEY and each not in ("aws_kms_key", "aws_kms_alias"):
            yield f"{each}: takes a key ({', '.join(arguments)}) and is not judged; add it to infra_check/keys.py"
    for each in sorted(set(NO_KEY) - types):
        yield f"{each}: is excused from having a key and is in no plan; remove it from infra_check/keys.py"


def _arguments(block: Mapping[str, Any]) -> Iterator[str]:
    for name, content in block.get("attributes", {}).items():
        if "kms" in name and (content.get("optional") or content.get("required")):
            yield name
    for nested in block.get("block_types", {}).values():
        yield from _arguments(nested["block"])
