"""docs/security.md as data, and what it says compared with the Terraform files and with the checks that there are."""

from __future__ import annotations

import json
import os
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from checks_environment import PACKAGE, PYTHON, ROOT
from infra_check import catalogue
from infra_check.place import Place

PAGE = ROOT / "docs" / "security.md"
TERRAFORM = ROOT / "infra" / "terraform"

CONTROLS: Mapping[str, tuple[int, ...]] = {
    "Account": (1,),
    "Athena": (4,),
    "CloudTrail": (1, 2, 4, 5),
    "Config": (1,),
    "DynamoDB": (1, 2, 3, 6, 7),
    "EC2": (
        *(1, 2, 3, 4, 6, 7, 8, 9, 10, 15, 16, 17, 18, 19, 20, 21, 23, 24, 25),
        *(51, 55, 56, 57, 58, 60, 170, 171, 172, 173, 180, 181),
    ),
    "ECR": (1, 2, 3),
    "ECS": (1, 2, 3, 4, 5, 8, 9, 10, 12, 16),
    "EventBridge": (3,),
    "Glue": (3, 4),
    "GuardDuty": (1, 5, 6, 7, 8, 9, 10, 11, 12, 13),
    "IAM": (1, 2, 3, 4, 5, 6, 7, 8, 21),
    "Inspector": (1, 2, 3, 4),
    "KMS": (1, 2, 3, 5),
    "Lambda": (1, 2, 5),
    "Macie": (1, 2),
    "Redshift": (1, 2, 3, 4, 6, 7, 8, 10, 15, 18),
    "RedshiftServerless": (1, 2, 3, 5, 6),
    "S3": (1, 2, 3, 5, 6, 8, 9, 12, 13, 19, 24, 25),
    "SNS": (4,),
    "SQS": (1, 3),
    "SecretsManager": (1, 2, 3, 4),
    "StepFunctions": (1,),
}
"""Controls of AWS Foundational Security Best Practices v1.0.0 for the services in use and for an account as a whole.

Source: AWS Security Hub User Guide, "AWS Foundational Security Best Practices standard".
"""

CLAIM = re.compile(
    r"(?P<folder>[a-z]+): (?:no (?P<type>aws_\w+)"
    r"|(?P<kind>aws_\w+)\.(?P<name>\w+)(?: (?P<without>without )?(?P<path>[\w/]+)(?: = (?P<value>.+))?)?)"
)
IDS = re.compile(r"[A-Za-z0-9]+\.[0-9]+(?:, [A-Za-z0-9]+\.[0-9]+)*")

READ_HCL = """
import json, pathlib, sys
from infra_check import house
root, found = pathlib.Path(sys.argv[1]), {}
for folder in sorted(root.glob("modules/*")) + [root / "bootstrap"]:
    mine = found.setdefault(folder.name, {"resource": {}, "locals": {}})
    for path in sorted(folder.glob("*.tf")):
        blocks = house.read(path)
        for block in blocks.get("resource", []):
            for kind, named in block.items():
                mine["resource"].setdefault(kind, {}).update(named)
        for block in blocks.get("locals", []):
            mine["locals"].update(block)
json.dump(found, sys.stdout)
"""

READ_RULES = """
import json, sys
from checkov.terraform import checks  # noqa: F401
from checkov.terraform.checks.resource.registry import resource_registry
from checkov.common.checks_infra.registry import get_graph_checks_registry
graph = get_graph_checks_registry("terraform")
graph.load_checks()
known = {check.id for found in resource_registry.checks.values() for check in found}
known |= {check.id for found in resource_registry.wildcard_checks.values() for check in found}
known |= {check.id for check in graph.checks}
json.dump(sorted(known), sys.stdout)
"""


@dataclass(frozen=True)
class Row:
    """A row of one of the four tables of controls; `cells` without the first."""

    section: str
    controls: tuple[str, ...]
    cells: tuple[str, ...]

    @property
    def proofs(self) -> tuple[str, ...]:
        return tuple(quoted(self.cells[-1])) if self.section == "Met" else ()


def quoted(text: str) -> list[str]:
    return re.findall(r"`([^`]+)`", text)


def rows(text: str) -> Iterator[Row]:
    for section in ("Met", "Not met", "The account's", "Nothing here to judge"):
        part = re.split(r"^#", text.split(f"### {section}\n")[1], maxsplit=1, flags=re.M)[0]
        for line in part.splitlines():
            cells = [each.strip() for each in line.strip("|").split(" | ")]
            if line.startswith("| ") and IDS.fullmatch(cells[0]):
                yield Row(section, tuple(cells[0].split(", ")), tuple(cells[1:]))


def wrong(text: str) -> Iterator[str]:
    """What is missing on the page, or is not as the page says, a sentence each."""
    found = list(rows(text))
    said = [control for row in found for control in row.controls]
    expected = {f"{service}.{number}" for service, numbers in CONTROLS.items() for number in numbers}
    yield from (f"{each}: expected a row, found none" for each in sorted(expected - set(said)))
    yield from (f"{each}: is not among the controls that apply" for each in sorted(set(said) - expected))
    yield from (f"{each}: stands there {said.count(each)} times" for each in sorted(set(said)) if said.count(each) > 1)
    for row in found:
        yield from (f"{row.controls[0]}: {problem}" for problem in _wrong_row(row))


def _wrong_row(row: Row) -> Iterator[str]:
    cells = {"Met": 3, "Not met": 3}.get(row.section, 1)
    if len(row.cells) != cells:
        yield f"expected {cells} cells beside it, found {len(row.cells)}"
        return
    claims = [each for cell in row.cells for each in quoted(cell) if CLAIM.fullmatch(each)]
    for each in claims:
        yield from not_so(each)
    if row.section == "Nothing here to judge":
        made = {kind for folder in terraform().values() for kind in folder["resource"]}
        types = [each for each in quoted(row.cells[0]) if each.startswith("aws_")]
        yield from (f"{each} is made" for each in types if each in made)
        if not types and not claims:
            yield "expected the resources that are not made, found none"
    if row.section == "Not met" and min(len(cell) for cell in row.cells[1:]) < len("as X.1"):
        yield "expected a reason and what it would take"
    if row.section == "Met":
        if not claims and not any("::" in each for each in row.proofs):
            yield "expected a resource or a test that meets it, found none"
        if not row.proofs:
            yield f"expected a proof, found {row.cells[-1]!r}"
        yield from (f"{each}: there is no such proof" for each in row.proofs if not is_there(each))
        yield from (f"{each} is skipped in {skipped()[each]}" for each in row.proofs if each in skipped())


def not_so(claim: str) -> Iterator[str]:
    """Why a claim such as `foundation: aws_kms_key.this enable_key_rotation = true` does not hold."""
    said = CLAIM.fullmatch(claim)
    assert said is not None
    folders = terraform() if said["folder"] == "anywhere" else {said["folder"]: terraform().get(said["folder"])}
    for name, folder in folders.items():
        if folder is None:
            yield f"{claim}: expected a module or bootstrap, found no folder {name}"
            return
        if said["type"]:
            if said["type"] in folder["resource"]:
                yield f"{claim}: found one in {name}"
            continue
        body = folder["resource"].get(said["kind"], {}).get(said["name"])
        if body is None:
            yield f"{claim}: there is no such resource"
            return
        values = list(at(body, said["path"].split("/"))) if said["path"] else []
        if said["without"] and values:
            yield f"{claim}: found {values}"
        if not said["without"] and said["path"] and (said["value"] or values[:1]) not in (values, values[:1], *values):
            yield f"{claim}: found {values or 'nothing'}"
        if not said["without"] and said["path"] and not values:
            yield f"{claim}: found nothing"


def at(body: Any, path: list[str]) -> Iterator[str]:
    """The values at a path through blocks, lists and what jsonencode is given, as text without `${}`."""
    if isinstance(body, list):
        for each in body:
            yield from at(each, path)
    elif isinstance(body, dict):
        if not path:
            yield json.dumps(body)
        elif path[0] in body:
            yield from at(body[path[0]], path[1:])
    elif path:
        if isinstance(body, str) and body.startswith("${jsonencode("):
            for found in re.findall(rf"'{path[-1]}': (?:'([^']*)'|(\w+))", body):
                yield plain(found[0] or found[1])
    else:
        yield plain(body)


def plain(value: object) -> str:
    text = str(value).removeprefix("${").removesuffix("}") if str(value).startswith("${") else str(value)
    return text.lower() if text in ("True", "False") else text


@cache
def terraform() -> dict[str, Any]:
    """Module or bootstrap -> its resources by type and name, and its locals, by the parser that checkov uses."""
    return dict(_asked(READ_HCL, str(TERRAFORM)))


@cache
def known_checks() -> frozenset[str]:
    return frozenset(each.name for each in catalogue.checks(Place(ROOT, Path(tempfile.gettempdir()))))


@cache
def known_rules() -> frozenset[str]:
    own = "".join(path.read_text("utf-8") for path in sorted((PACKAGE / "rules").iterdir()) if path.is_file())
    return frozenset(_asked(READ_RULES)) | frozenset(re.findall(r"CKV2?_DPC_\d+", own))


@cache
def skipped() -> dict[str, str]:
    """Rule of checkov -> a file that skips it."""
    found = {}
    for path in sorted(TERRAFORM.rglob("*.tf")):
        for rule in re.findall(r"#checkov:skip=(CKV[A-Z0-9_]+):", path.read_text("utf-8")):
            found[rule] = path.name
    return found


def is_there(proof: str) -> bool:
    if proof.startswith("CKV"):
        return proof in known_rules()
    place, _, name = proof.partition("::")
    if place.endswith(".py"):
        return (ROOT / place).is_file() and f"def {name}(" in (ROOT / place).read_text("utf-8")
    if name:
        folder = TERRAFORM / place.removeprefix("test:") / "tests"
        runs = "".join(path.read_text("utf-8") for path in sorted(folder.glob("*.tftest.hcl")))
        return place in known_checks() and f'run "{name}" {{' in runs
    return proof in known_checks()


def _asked(program: str, *arguments: str) -> Any:
    """What a program prints as JSON in the environment of the checks."""
    done = subprocess.run(
        [str(PYTHON), "-W", "ignore", "-c", program, *arguments],
        env=os.environ | {"PYTHONPATH": str(PACKAGE)},
        capture_output=True,
        text=True,
        check=True,
    )
    return json.loads(done.stdout[min(done.stdout.find(each) for each in "[{" if each in done.stdout) :])
