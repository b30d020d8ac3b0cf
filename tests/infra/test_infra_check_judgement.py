"""What infra-check judges itself: rules of the workflows, accepted findings, and the reason beside every skip."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from checks_environment import PACKAGE, PYTHON, ROOT, needs_tools
from infra_check import policies, workflows
from infra_check.place import Place
from infra_check.policies import Finding

SOUND = """
permissions: {}
concurrency:
  group: one
jobs:
  test:
    permissions:
      contents: read
    steps:
      - uses: actions/checkout@v4
      - uses: aws-actions/configure-aws-credentials@0123456789abcdef0123456789abcdef01234567
      - run: make test
  again:
    permissions:
      contents: read
    uses: ./.github/workflows/other.yml
"""
NAME = ".github/workflows/some.yml"


@pytest.fixture
def place(tmp_path: Path) -> Place:
    """An empty project."""
    (tmp_path / "scratch").mkdir()
    return Place(tmp_path / "project", tmp_path / "scratch")


def write(place: Place, name: str, text: str) -> None:
    path = place.project / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")


def test_a_sound_workflow_breaks_no_rule(place: Place) -> None:
    write(place, NAME, SOUND)
    assert list(workflows.by_our_rules(place)) == []


@pytest.mark.parametrize(
    ("now", "then", "said"),
    [
        ("permissions: {}\n", "", "expected `permissions: {}` at the top, so that each job asks for its own"),
        ("permissions: {}\n", "permissions: write-all\n", "expected `permissions: {}` at the top, so that each job"),
        ("concurrency:\n  group: one\n", "", "expected a concurrency group, found none"),
        ("    permissions:\n      contents: read\n    steps", "    steps", "job test: expected its own permissions"),
        ("    permissions:\n      contents: read\n    uses", "    uses", "job again: expected its own permissions"),
        ("actions/checkout@v4", "actions/checkout@main", "job test: uses actions/checkout@main: expected an action of"),
        ("actions/checkout@v4", "actions/checkout", "job test: uses actions/checkout: expected an action of"),
        ("actions/checkout@v4", "somebody/checkout@v4", "job test: uses somebody/checkout@v4: expected an action of"),
        ("actions/checkout@v4", "actions-of/checkout@v4", "job test: uses actions-of/checkout@v4: expected an action"),
        (
            "./.github/workflows/other.yml",
            "somebody/else/.github/workflows/a.yml@v1",
            "job again: uses somebody/else/.github/workflows/a.yml@v1: expected a workflow of this repository",
        ),
        ("make test", "make ${{ secrets.AWS_SECRET }}", "secrets.AWS_: expected a role by OIDC, found a key"),
        ("make test", "make ${{ secrets.deploy_access_key }}", "secrets.deploy_access_key: expected a role by OIDC"),
    ],
)
def test_each_rule_of_the_workflows_tells_what_breaks_it(place: Place, now: str, then: str, said: str) -> None:
    assert now in SOUND
    write(place, NAME, SOUND.replace(now, then, 1))
    (found,) = workflows.by_our_rules(place)
    assert found.startswith(f"{NAME}: {said}")


def test_every_problem_of_every_workflow_is_told(place: Place) -> None:
    write(place, NAME, "jobs:\n  one: {}\n  two: {}\n")
    write(place, ".github/workflows/more.yaml", SOUND.replace("concurrency", "group"))
    assert [each.split(": ")[0] for each in workflows.by_our_rules(place)] == [
        ".github/workflows/more.yaml",
        *[NAME] * 4,
    ]


ACCEPTED = """
[[accepted]]
tool = "parliament"
policy = 'module\\.iam\\.role\\["(a|b)"\\]\\.policy'
finding = "RESOURCE_STAR"
about = ["exactly this", "anything of s3:*"]
reason = "They take no resource."

[[accepted]]
tool = "cloudsplaining"
policy = '.*'
finding = "credentials exposure"
about = ["*"]
reason = "Another tool's."
"""


def finding(
    policy: str = 'module.iam.role["a"].policy', kind: str = "RESOURCE_STAR", about: str = "exactly this"
) -> Finding:
    return Finding("parliament", policy, kind, about)


def test_what_is_accepted_is_passed_over_and_the_rest_is_told(place: Place) -> None:
    write(place, "infra/checks/accepted.toml", ACCEPTED)
    accepted = [finding(), finding('module.iam.role["b"].policy', about="anything of s3:GetObject")]
    other = [
        finding(about="exactly this and more"),
        finding(about="anything of sns:Publish"),
        finding(kind="MALFORMED"),
        finding('module.iam.role["c"].policy'),
        finding('before.module.iam.role["a"].policy'),
        finding('module.iam.role["a"].policy.after'),
    ]
    told = list(policies.judged(place, "parliament", [*other, *accepted, *other]))
    assert told == [f"{each.policy}: {each.finding}: {each.about}" for each in sorted(other)]
    assert place.notes["parliament"] == ["1 accepted kinds of finding, each with its reason"]


def test_an_acceptance_that_nothing_needs_is_told(place: Place) -> None:
    write(place, "infra/checks/accepted.toml", ACCEPTED)
    (told,) = policies.judged(place, "parliament", [])
    assert told.startswith("accepted.toml: module") and told.endswith(
        "RESOURCE_STAR no longer occurs; remove the entry"
    )
    assert list(policies.judged(place, "cloudsplaining", [])) == [
        "accepted.toml: .*: credentials exposure no longer occurs; remove the entry"
    ]


def test_nothing_is_accepted_where_nothing_is_written(place: Place) -> None:
    write(place, "infra/checks/accepted.toml", "# none\n")
    assert list(policies.judged(place, "parliament", [finding()])) == [
        'module.iam.role["a"].policy: RESOURCE_STAR: exactly this'
    ]


SKIPS = """
resource "aws_sns_topic" "reasoned" {
  #checkov:skip=CKV_AWS_26:Says nothing that anybody could not read elsewhere
  name = "reasoned"
}

resource "aws_sqs_queue" "silent" {
  #checkov:skip=CKV_AWS_27
  name = "silent"
}

resource "aws_kms_key" "short" {
  #checkov:skip=CKV_AWS_7:not needed
  description = "short"
}

resource "aws_cloudwatch_log_group" "needless" {
  #checkov:skip=CKV_AWS_144:There is no bucket here that could be copied to another region
  name = "needless"
}
"""


@needs_tools
def test_a_skip_needs_its_reason_and_something_to_skip(place: Place) -> None:
    write(place, "infra/terraform/modules/skips/main.tf", SKIPS)
    (place.project / "infra" / "checks").mkdir()
    (place.project / "infra" / "checks" / "rules").symlink_to(PACKAGE / "rules")
    program = (
        "import sys; from pathlib import Path; from infra_check import hcl; from infra_check.place import Place; "
        "print('\\n'.join(hcl.problems(Place(Path(sys.argv[1]), Path(sys.argv[2])))))"
    )
    done = subprocess.run(
        [str(PYTHON), "-W", "ignore", "-c", program, str(place.project), str(place.scratch)],
        env=os.environ | {"PYTHONPATH": str(PACKAGE)},
        capture_output=True,
        text=True,
        check=True,
    )
    where = "infra/terraform/modules/skips/main.tf"
    assert [each for each in done.stdout.splitlines() if ": skip of " in each] == [
        f"{where}:8: skip of CKV_AWS_27: expected its reason after a second colon, found None",
        f"{where}:13: skip of CKV_AWS_7: expected its reason after a second colon, found 'not needed'",
        f"{where}:18: skip of CKV_AWS_144: skips nothing; remove it",
    ]
    assert "[CKV_AWS_26]" not in done.stdout


def test_every_skip_stands_on_its_resource_with_a_reason_in_words() -> None:
    found = []
    for path in sorted((ROOT / "infra" / "terraform").rglob("*.tf")):
        before = ""
        for line in path.read_text("utf-8").splitlines():
            skip = re.fullmatch(r"  #checkov:skip=CKV\w+:(\S.+)", line)
            if "checkov:skip" in line:
                found.append((path.name, line))
                assert skip and len(skip[1].split()) >= 5, f"{path}: {line}"
                assert before.startswith(("resource ", "  #checkov:skip")), f"{path}: {line}: expected it in a resource"
            before = line
    assert len(found) > 10
