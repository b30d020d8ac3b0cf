"""docs/security.md: every control has a proof, and every proof is there."""

import json
import re
import subprocess
import tempfile
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest
from checks_environment import PYTHON, ROOT, needs_tools
from infra_check import catalogue
from infra_check.place import Place

PAGE = ROOT / "docs" / "security.md"
ROW = re.compile(r"^\| ([A-Za-z0-9]+\.[0-9]+) \| (.+) \| (.+) \| (.+) \|$", re.M)

APPLY = {
    "CloudTrail": (1, 2, 4, 5),
    "DynamoDB": (2, 6),
    "EC2": (18, 19),
    "ECR": (1, 2, 3),
    "ECS": (1, 3, 4, 5, 8, 9, 10, 12),
    "IAM": (1, 21),
    "KMS": (1, 2, 3, 5),
    "Lambda": (1, 2),
    "RedshiftServerless": (1, 2, 3, 5, 6),
    "S3": (1, 2, 3, 5, 6, 8, 9, 12, 13),
    "SecretsManager": (1, 4),
    "SNS": (4,),
    "SQS": (1, 3),
    "StepFunctions": (1,),
}
"""Of AWS Foundational Security Best Practices: what says something about a service of the design."""

NOT_MET = {"RedshiftServerless.1", "S3.9", "SecretsManager.1", "SecretsManager.4"}

CHECKOV_RULES = """
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


def rows(text: str) -> dict[str, tuple[str, str]]:
    """Control -> how it is met, what proves it. A control that stands there twice is an error."""
    found: dict[str, tuple[str, str]] = {}
    for control, _, how, proof in ROW.findall(text):
        assert control not in found, f"{control} stands there twice"
        found[control] = how, proof
    return found


@cache
def known_checks() -> frozenset[str]:
    return frozenset(each.name for each in catalogue.checks(Place(ROOT, Path(tempfile.gettempdir()))))


@cache
def known_rules() -> frozenset[str]:
    done = subprocess.run(
        [str(PYTHON), "-W", "ignore", "-c", CHECKOV_RULES], capture_output=True, text=True, check=True
    )
    return frozenset(json.loads(done.stdout[done.stdout.index("[") :]))


def skipped() -> dict[str, str]:
    """Rule of checkov -> a file that skips it."""
    found = {}
    for path in sorted((ROOT / "infra" / "terraform").rglob("*.tf")):
        for rule in re.findall(r"#checkov:skip=(CKV[A-Z0-9_]+):", path.read_text("utf-8")):
            found[rule] = path.name
    return found


def wrong(text: str) -> Iterable[str]:
    """What contradicts the page, a sentence each."""
    found = rows(text)
    expected = {f"{service}.{number}" for service, numbers in APPLY.items() for number in numbers}
    yield from (f"{each}: expected a row, found none" for each in sorted(expected - found.keys()))
    yield from (f"{each}: is not among the controls that apply" for each in sorted(found.keys() - expected))
    for control, (how, proof) in found.items():
        proofs = re.findall(r"`([^`]+)`", proof)
        if (control in NOT_MET) != (proof == "not met") or (control in NOT_MET) != ("**not met**" in how):
            yield f"{control}: expected to be told as met or not met on both sides"
        if control not in NOT_MET and not proofs:
            yield f"{control}: expected a proof, found {proof!r}"
        yield from (f"{control}: {each}: there is no such proof" for each in proofs if not is_there(each))
        for each in proofs:
            if each in skipped():
                yield f"{control}: {each} is skipped in {skipped()[each]}"


def is_there(proof: str) -> bool:
    if proof.startswith("CKV"):
        return proof in known_rules()
    if "::" in proof:
        file, _, test = proof.partition("::")
        return f"def {test}(" in (ROOT / file).read_text("utf-8")
    return proof in known_checks()


@needs_tools
def test_every_control_has_a_proof_and_every_proof_is_there() -> None:
    assert list(wrong(PAGE.read_text("utf-8"))) == []


@needs_tools
@pytest.mark.parametrize(
    ("now", "then", "said"),
    [
        ("| S3.5 | TLS only |", "| S3.55 | TLS only |", "S3.5: expected a row, found none"),
        ("`design:tls-only`", "`design:tls`", "S3.5: design:tls: there is no such proof"),
        ("`CKV_AWS_163`", "`CKV_AWS_99163`", "ECR.1: CKV_AWS_99163: there is no such proof"),
        ("`CKV_AWS_163`", "`CKV_AWS_18`", "ECR.1: CKV_AWS_18 is skipped in"),
        ("| not met |\n| S3.12", "| `design:buckets` |\n| S3.12", "S3.9: expected to be told as met or not met"),
    ],
)
def test_a_page_that_says_too_much_is_noticed(now: str, then: str, said: str) -> None:
    text = PAGE.read_text("utf-8")
    assert now in text
    assert any(each.startswith(said) for each in wrong(text.replace(now, then, 1)))


def test_names_of_checks_elsewhere_on_the_page_are_there() -> None:
    text = PAGE.read_text("utf-8")
    told = set(re.findall(r"`((?:design|test|plan|validate):[a-z/:-]+)`", text))
    assert len(told) > 10
    assert told <= known_checks()


def test_tasks_run_on_the_latest_platform() -> None:
    """RunTask without PlatformVersion takes LATEST (ECS API Reference, RunTask)."""
    text = (ROOT / "infra/terraform/generated/dpc-learning-elt.asl.json").read_text("utf-8")
    assert '"LaunchType":"FARGATE"' in text.replace(": ", ":")
    assert "PlatformVersion" not in text
