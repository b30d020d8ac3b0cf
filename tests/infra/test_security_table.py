"""docs/security.md: every control has a proof, every proof is there, and the Terraform files are as the page says."""

import json
import re
import tomllib
from collections.abc import Iterator
from typing import Any

import pytest
from checks_environment import PACKAGE, ROOT, needs_tools
from security_page import PAGE, TERRAFORM, is_there, known_checks, quoted, rows, terraform, wrong

TEXT = PAGE.read_text("utf-8")
MACHINE = TERRAFORM / "generated" / "dpc-learning-elt.asl.json"
PROSE = re.sub(r"```.*?```", "", TEXT, flags=re.DOTALL)
DESIGN = TEXT.split("## Statements of the design")[1]


@needs_tools
def test_every_control_has_a_proof_and_everything_is_as_the_page_says() -> None:
    assert list(wrong(TEXT)) == []


def line(control: str) -> str:
    (found,) = [each for each in TEXT.splitlines() if each.startswith(f"| {control} |")]
    return found


@needs_tools
@pytest.mark.parametrize(
    ("now", "then", "said"),
    [
        (line("S3.5") + "\n", "", "S3.5: expected a row, found none"),
        (line("S3.5"), line("S3.5") + "\n" + line("S3.5"), "S3.5: stands there 2 times"),
        ("| S3.5 |", "| S3.99 |", "S3.99: is not among the controls that apply"),
        ("GuardDuty.12, ", "", "GuardDuty.12: expected a row, found none"),
        ("`design:tls-only`", "`design:tls`", "S3.5: design:tls: there is no such proof"),
        ("::tls_only`", "::tls`", "S3.5: test:modules/foundation::tls: there is no such proof"),
        (
            "::test_tasks_run_on_the_latest_platform`",
            "::test_tasks`",
            "ECS.10: tests/infra/test_security_table.py::test_",
        ),
        ("`CKV_AWS_163`", "`CKV_AWS_99163`", "ECR.1: CKV_AWS_99163: there is no such proof"),
        ("`CKV_AWS_163`", "`CKV_AWS_18`", "ECR.1: CKV_AWS_18 is skipped in"),
        ("| `CKV_AWS_28` |", "| promised |", "DynamoDB.2: expected a proof, found 'promised'"),
        ("scan_on_push = true", "scan_on_push = false", "ECR.1: pipeline: aws_ecr_repository.dbt image_scanning"),
        ("dbt image_tag_mutability", "dbt mutability", "ECR.2: pipeline: aws_ecr_repository.dbt mutability = IMMU"),
        ("aws_ecr_lifecycle_policy.dbt", "aws_ecr_lifecycle_policy.other", "ECR.3: pipeline: aws_ecr_lifecycle_policy"),
        ("privileged = false", "privileged = true", "ECS.4: pipeline: aws_ecs_task_definition.dbt container_def"),
        ("without pid_mode", "without network_mode", "ECS.3: pipeline: aws_ecs_task_definition.dbt without netw"),
        ("anywhere: no aws_iam_user", "anywhere: no aws_iam_role", "IAM.2: anywhere: no aws_iam_role: found one in"),
        ("`aws_dax_cluster`", "`aws_dynamodb_table`", "DynamoDB.3: aws_dynamodb_table is made"),
        ("enhanced_vpc_routing = false", "enhanced_vpc_routing = true", "RedshiftServerless.1: redshift: aws_redsh"),
    ],
)
def test_a_page_that_says_too_much_or_too_little_is_noticed(now: str, then: str, said: str) -> None:
    assert now in TEXT
    assert [each for each in wrong(TEXT.replace(now, then, 1)) if each.startswith(said)]


@needs_tools
def test_every_control_that_is_met_goes_without() -> None:
    """No row of the first table can be taken away unnoticed."""
    for row in rows(TEXT):
        if row.section == "Met":
            gone = TEXT.replace(line(row.controls[0]) + "\n", "")
            assert f"{row.controls[0]}: expected a row, found none" in list(wrong(gone))


@needs_tools
def test_the_statements_of_the_design_name_checks_that_are_there_and_all_of_them() -> None:
    named = set(quoted(DESIGN.split("|---|---|\n")[1]))
    checks = {each for each in named if each.startswith(("design:", "test:", "CKV", "refused"))}
    assert [each for each in sorted(checks) if not is_there(each)] == []
    ours = {each for each in known_checks() if each.startswith("design:")}
    elsewhere = {proof for row in rows(TEXT) for proof in row.proofs}
    assert ours - checks - elsewhere == set()


def test_files_that_the_page_names_are_there() -> None:
    named = {each for each in quoted(PROSE) if re.fullmatch(r"(tests|infra|docs)/[\w/.]+\.(py|toml|md)", each)}
    assert len(named) >= 6
    assert [each for each in sorted(named) if not (ROOT / each).is_file()] == []


def test_tasks_run_on_the_latest_platform() -> None:
    """RunTask without PlatformVersion takes LATEST (ECS API Reference, RunTask)."""
    tasks = list(arguments_of_tasks(json.loads(MACHINE.read_text("utf-8"))))
    assert [each["LaunchType"] for each in tasks] == ["FARGATE"]
    assert not any("PlatformVersion" in each for each in tasks)


def arguments_of_tasks(machine: Any) -> Iterator[dict[str, Any]]:
    """What the states of a machine give to RunTask."""
    if isinstance(machine, dict):
        if str(machine.get("Resource", "")).startswith("arn:aws:states:::ecs:runTask"):
            yield machine["Arguments"]
        for each in machine.values():
            yield from arguments_of_tasks(each)
    if isinstance(machine, list):
        for each in machine:
            yield from arguments_of_tasks(each)


@needs_tools
def test_the_state_is_reached_over_tls_only() -> None:
    policy = terraform()["bootstrap"]["resource"]["aws_s3_bucket_policy"]["state"]["policy"]
    assert "'Effect': 'Deny', 'Principal': '*', 'Action': 's3:*'" in policy
    assert "'Condition': {'Bool': {'aws:SecureTransport': 'false'}}" in policy
    assert "'${local.state_arn}', '${local.state_arn}/*'" in policy
    assert "'Effect': 'Allow'" not in policy


def statements_of_the_workflows() -> list[dict[str, Any]]:
    own = terraform()["bootstrap"]["locals"]
    return [*own["deploy_policy"], *own["state_policies"][0]["plan"], *own["state_policies"][0]["deploy"]]


def several(found: Any) -> list[Any]:
    return found if isinstance(found, list) else [found]


@needs_tools
def test_roles_of_the_workflows_are_bounded() -> None:
    """Not everything, no rights of IAM but on named roles, no key of another region or account, no look at data."""
    allowed = [each for each in statements_of_the_workflows() if each["Effect"] == "Allow"]
    denied = [each for each in statements_of_the_workflows() if each["Effect"] == "Deny"]
    for each in allowed:
        actions, resources = several(each["Action"]), several(each.get("Resource"))
        assert "*" not in actions, each["Sid"]
        assert "NotAction" not in each and "NotResource" not in each, each["Sid"]
        if any(one.startswith("iam:") for one in actions):
            assert "role/role-" in str(resources), each["Sid"]
        if any(one in ("kms:*", "kms:Decrypt", "kms:ReEncryptFrom", "kms:ReEncrypt*") for one in actions):
            bound = [one.startswith(("arn:aws:kms:${local.account}:", "${aws_kms_key.state")) for one in resources]
            assert all(bound), each["Sid"]
    assert [each["Sid"] for each in denied] == ["NotItself", "NoData", "NoData"]
    for each in denied[1:]:
        assert "s3:GetObject*" in each["Action"] and "data-*/raw" not in str(each["NotResource"])
    assert "secretsmanager:GetSecretValue" in denied[2]["Action"]


def roles_of_the_design() -> set[str]:
    manifest = json.loads((TERRAFORM / "generated" / "manifest.json").read_text("utf-8"))
    files = (path for path in sorted(TERRAFORM.rglob("*.tf")) if path.parent.name in ("iam", "foundation", "bootstrap"))
    written = {
        name for path in files for name in re.findall(r'"(role-[a-z-]+[a-z])(?:\$\{[^}]*\})?"', path.read_text("utf-8"))
    }
    return written | {role["name"] for role in manifest["roles"].values()}


def test_every_role_is_on_the_page_and_no_other() -> None:
    table = TEXT.split("### Who may do what")[1].split("###")[0]
    assert set(re.findall(r"^\| `(role-[a-z-]+)` \|", table, re.M)) == roles_of_the_design()


@needs_tools
def test_the_deployment_may_make_every_role_of_an_environment() -> None:
    (own,) = [each for each in statements_of_the_workflows() if each["Sid"] == "OwnRoles"]
    named = {f"role-{each}" for each in re.findall(r'"([a-z]+(?:-[a-z]+)+)"', str(own["Resource"]).replace("'", '"'))}
    assert named == roles_of_the_design() - {"role-plan-dpc", "role-deploy-dpc"}


def test_actions_on_everything_are_those_that_the_modules_test_lists() -> None:
    listed = (TERRAFORM / "modules/iam/tests/policies.tftest.hcl").read_text("utf-8")
    run = listed.split('run "nothing_by_wildcard"')[1].split("\nrun ")[0]
    allowed = set(re.findall(r'^ +"[\w-]+/\w+ (\w[\w-]*:\w+)",$', run, re.M))
    said = {each for text in re.findall(r"^\| (`.+`) on `\*` \|", TEXT, re.M) for each in quoted(text)}
    assert len(allowed) > 10
    assert said == allowed


def test_every_acceptance_says_why() -> None:
    entries = tomllib.loads((PACKAGE / "accepted.toml").read_text("utf-8"))["accepted"]
    assert entries
    assert [each["policy"] for each in entries if len(each["reason"]) < 40 or not each["reason"].endswith(".")] == []
