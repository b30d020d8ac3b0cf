"""Every proof that docs/security.md names fails where its control is broken: none is met by assertion.

Two copies of the Terraform files have all controls broken at once. Each proof has to tell its own: by the words that it
says of what was broken, which no other broken control would make it say.
"""

import json
import shutil
import subprocess
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from checks_environment import PACKAGE, PYTHON, ROOT, needs_terraform, needs_tools
from security_page import PAGE, rows

FOUNDATION, PIPELINE = "modules/foundation", "modules/pipeline"
DATA, TRAIL, KEY = f"{FOUNDATION}/data.tf", f"{FOUNDATION}/trail.tf", f"{FOUNDATION}/key.tf"
CONTAINER, NOTICE, MACHINES = f"{PIPELINE}/container.tf", f"{PIPELINE}/notice.tf", f"{PIPELINE}/machines.tf"
IAM, REDSHIFT, BOOTSTRAP = "modules/iam", "modules/redshift/main.tf", "bootstrap/main.tf"
FOREIGN = 'Principal = { AWS = "arn:aws:iam::111122223333:root" }'
THE_TRAIL = "module.foundation.aws_cloudtrail.this"
OPEN_LAKE = "aws_s3_bucket.data: expected all four blocks of public access, lacks block_public_policy, restrict_public"
WORKGROUP = "module.redshift.aws_redshiftserverless_workgroup.this"
THE_NAMESPACE = "module.redshift.aws_redshiftserverless_namespace.this"


@dataclass(frozen=True)
class Broken:
    """`text` of `file` becomes `instead`, which is appended where there is no text. `told`: proof -> words it says.

    `alone`: in a second copy, because it stops the plan or because another one would be told in the same words.
    """

    file: str
    text: str
    instead: str
    told: Mapping[str, str]
    alone: bool = False


OPEN = """
resource "aws_vpc_security_group_ingress_rule" "open" {
  security_group_id = aws_security_group.dbt.id
  ip_protocol       = "tcp"
  from_port         = 22
  to_port           = 22
  cidr_ipv4         = "0.0.0.0/0"
}
"""
NARROWED = '    field_selector {\n      field  = "readOnly"\n      equals = ["false"]\n    }\n'
USER = '\nresource "aws_iam_user" "somebody" {\n  name = "somebody"\n}\n'
MANAGED = '\nresource "aws_iam_policy" "more" {\n  name   = "more"\n  policy = local.copy_policy\n}\n'
ENCRYPT = """          Sid       = "EncryptExecutions"
          Effect    = "Allow"
          Action    = ["kms:Decrypt", "kms:GenerateDataKey"]
          Resource  = """
IN_KEY = "test:modules/foundation::key"
IN_CONTAINER = "test:modules/pipeline::container"
IN_WILDCARDS = "test:modules/iam::nothing_by_wildcard"

BROKEN: Mapping[str, Broken] = {
    "CloudTrail.1": Broken(
        TRAIL,
        "is_multi_region_trail         = true",
        "is_multi_region_trail         = false",
        {
            "design:trail": f"{THE_TRAIL}: expected is_multi_region_trail",
            "CKV_AWS_67": THE_TRAIL,
        },
    ),
    "CloudTrail.1 management": Broken(
        TRAIL,
        '      equals = ["Management"]\n    }\n',
        f'      equals = ["Management"]\n    }}\n{NARROWED}',
        {"design:trail": f"{THE_TRAIL}: expected management events, reads and writes"},
    ),
    "CloudTrail.2": Broken(
        TRAIL,
        "  kms_key_id                    = aws_kms_key.this.arn\n",
        "",
        {"design:one-key": f"{THE_TRAIL}: kms_key_id", "CKV_AWS_35": THE_TRAIL},
    ),
    "CloudTrail.4": Broken(
        TRAIL,
        "enable_log_file_validation    = true",
        "enable_log_file_validation    = false",
        {
            "design:trail": f"{THE_TRAIL}: expected enable_log_file_validation",
            "CKV_AWS_36": THE_TRAIL,
        },
    ),
    "CloudTrail.5": Broken(
        TRAIL,
        '  cloud_watch_logs_group_arn    = "${aws_cloudwatch_log_group.trail.arn}:*"\n'
        "  cloud_watch_logs_role_arn     = aws_iam_role.trail.arn\n",
        "",
        {"CKV2_AWS_10": THE_TRAIL},
    ),
    "DynamoDB.1": Broken(BOOTSTRAP, '"PAY_PER_REQUEST"', '"PROVISIONED"', {"CKV2_AWS_16": "aws_dynamodb_table.lock"}),
    "DynamoDB.2": Broken(
        BOOTSTRAP,
        "point_in_time_recovery {\n    enabled = true",
        "point_in_time_recovery {\n    enabled = false",
        {"CKV_AWS_28": "aws_dynamodb_table.lock"},
    ),
    "DynamoDB.6": Broken(
        BOOTSTRAP,
        "deletion_protection_enabled = true",
        "deletion_protection_enabled = false",
        {"test:bootstrap::state_and_lock": "the table must not vanish by mistake"},
    ),
    "EC2.18": Broken(
        CONTAINER, "", OPEN, {"design:no-ingress": "open: lets in by cidr_ipv4", "CKV_DPC_3": "ingress_rule.open"}
    ),
    "EC2.19": Broken(
        CONTAINER,
        "",
        OPEN,
        {"design:no-ingress": "open: expected port 5439 only", "CKV_AWS_24": "ingress_rule.open"},
    ),
    "ECR.1": Broken(
        CONTAINER,
        "scan_on_push = true",
        "scan_on_push = false",
        {"CKV_AWS_163": "aws_ecr_repository.dbt"},
    ),
    "ECR.2": Broken(
        CONTAINER,
        '"IMMUTABLE"',
        '"MUTABLE"',
        {"CKV_AWS_51": "aws_ecr_repository.dbt"},
    ),
    "ECR.3": Broken(
        CONTAINER,
        'resource "aws_ecr_lifecycle_policy" "dbt" {\n',
        'resource "aws_ecr_lifecycle_policy" "dbt" {\n  count = 0\n\n',
        {"design:scope": "aws_ecr_lifecycle_policy is in infra/checks/design.toml and in no plan"},
    ),
    "ECS.1": Broken(
        CONTAINER,
        "= var.dbt_user\n",
        '= "0:0"\n',
        {"design:container": "dbt: expected a user that is not root"},
    ),
    "ECS.3": Broken(
        CONTAINER,
        '  network_mode             = "awsvpc"\n',
        '  network_mode             = "awsvpc"\n  pid_mode                 = "host"\n',
        {IN_CONTAINER: "The task shares its processes"},
    ),
    "ECS.4": Broken(
        CONTAINER,
        "privileged             = false",
        "privileged             = true",
        {"design:container": "dbt: expected no privileges"},
    ),
    "ECS.5": Broken(
        CONTAINER,
        "readonlyRootFilesystem = true",
        "readonlyRootFilesystem = false",
        {"design:container": "dbt: expected a read-only root"},
    ),
    "ECS.8": Broken(
        CONTAINER,
        "        AWS_REGION     = var.region\n",
        '        AWS_REGION     = var.region\n        DB_PASSWORD    = "x"\n',
        {IN_CONTAINER: "The container is given a secret"},
    ),
    "ECS.9": Broken(
        CONTAINER, '"awslogs"\n', '"json-file"\n', {"design:container": "dbt: expected its log in CloudWatch"}
    ),
    "ECS.12": Broken(
        CONTAINER,
        'value = "enabled"',
        'value = "disabled"',
        {IN_CONTAINER: "The cluster tells how much its tasks need", "CKV_AWS_65": "aws_ecs_cluster.this"},
    ),
    "IAM.1": Broken(
        f"{IAM}/deployment.tf",
        'Action   = "ecr:GetAuthorizationToken"',
        'Action   = "*"',
        {IN_WILDCARDS: "An action is a wildcard", "cloudsplaining": 'deployment["execution"].policy'},
    ),
    "IAM.2": Broken(
        f"{IAM}/main.tf",
        "",
        USER,
        {"design:scope": "aws_iam_user is outside the design", "CKV_DPC_10": "aws_iam_user.somebody"},
    ),
    "IAM.21": Broken(
        f"{IAM}/main.tf",
        "",
        MANAGED,
        {"design:scope": "aws_iam_policy is outside the design"},
    ),
    "IAM.21 inline": Broken(
        f"{IAM}/deployment.tf",
        'Action   = "ecr:GetAuthorizationToken"',
        'Action   = "*"',
        {IN_WILDCARDS: "An action is a wildcard"},
    ),
    "KMS.1": Broken(f"{IAM}/main.tf", "", MANAGED, {"design:scope": "aws_iam_policy is outside the design"}),
    "KMS.2": Broken(
        f"{IAM}/deployment.tf",
        f"{ENCRYPT}var.kms_key_arn",
        f'{ENCRYPT}"*"',
        {IN_WILDCARDS: "Other actions are allowed on everything"},
        alone=True,
    ),
    "KMS.3": Broken(
        KEY,
        "deletion_window_in_days = 30",
        "deletion_window_in_days = 7",
        {"design:one-key": "expected 30 days before it is deleted", IN_KEY: "30 days before the key is deleted"},
    ),
    "KMS.5": Broken(
        KEY,
        'Principal = { Service = "delivery.logs.amazonaws.com" }',
        'Principal = "*"',
        {"design:no-public": "LogDelivery: lets in everybody", IN_KEY: "services with a statement of their own"},
    ),
    "Lambda.1": Broken(
        NOTICE,
        'principal      = "events.amazonaws.com"',
        'principal      = "*"',
        {
            "design:functions": "expected a service of this account as the only caller",
            "test:modules/pipeline::news_of_failures": "and no other, may call it",
            "CKV_AWS_301": "aws_lambda_permission.notice",
        },
    ),
    "Lambda.2": Broken(
        f"{PIPELINE}/functions.tf",
        "= each.value.runtime\n",
        '= "python3.9"\n',
        {
            "design:functions": "runtime: expected python3.11, found python3.9",
            "test:modules/pipeline::functions": "Functions run Python 3.11",
        },
    ),
    "RedshiftServerless.2": Broken(
        REDSHIFT,
        'parameter_key   = "require_ssl"\n    parameter_value = "true"',
        'parameter_key   = "require_ssl"\n    parameter_value = "false"',
        {"CKV_DPC_5": WORKGROUP, "plan:dev": "require_ssl=true"},
        alone=True,
    ),
    "RedshiftServerless.3": Broken(
        REDSHIFT,
        "publicly_accessible = false",
        "publicly_accessible = true",
        {"design:workgroup": f"{WORKGROUP}: expected publicly_accessible = false", "CKV_DPC_4": WORKGROUP},
    ),
    "RedshiftServerless.5": Broken(
        REDSHIFT,
        '"dpc_owner"',
        '"admin"',
        {"design:workgroup": "expected another name for the administrator"},
    ),
    "RedshiftServerless.6": Broken(
        REDSHIFT,
        'log_exports = ["connectionlog", "useractivitylog", "userlog"]',
        'log_exports = ["connectionlog"]',
        {"design:workgroup": f"{THE_NAMESPACE}: expected log_exports"},
    ),
    "S3.1": Broken(
        BOOTSTRAP,
        "block_public_policy     = true",
        "block_public_policy     = false",
        {"test:bootstrap::state_and_lock": "A bucket of the account could be public"},
    ),
    "S3.2": Broken(
        DATA,
        "restrict_public_buckets = true",
        "restrict_public_buckets = false",
        {"design:buckets": OPEN_LAKE, "CKV_AWS_56": "public_access_block.data"},
    ),
    "S3.3": Broken(
        DATA,
        "block_public_policy     = true",
        "block_public_policy     = false",
        {"design:buckets": OPEN_LAKE, "CKV_AWS_54": "public_access_block.data"},
    ),
    "S3.5": Broken(
        f"{FOUNDATION}/main.tf",
        '"aws:SecureTransport" = "false"',
        '"aws:SecureTransport" = "true"',
        {
            "design:tls-only": "aws_s3_bucket.data: expected a policy that denies",
            "test:modules/foundation::tls_only": "A bucket takes requests without TLS",
        },
    ),
    "S3.6": Broken(
        TRAIL,
        'Principal = { Service = "cloudtrail.amazonaws.com" }\n        Action    = "s3:PutObject"',
        f'{FOREIGN}\n        Action    = "s3:PutObject"',
        {
            "design:no-public": "TrailWrites: arn:aws:iam::111122223333:root: expected this account",
            "test:modules/foundation::the_lakes_policy_only_denies": "Others than CloudTrail",
        },
    ),
    "S3.8": Broken(
        TRAIL,
        "block_public_acls       = true",
        "block_public_acls       = false",
        {
            "design:buckets": "aws_s3_bucket.trail: expected all four blocks of public access, lacks block_public_acls",
            "CKV_AWS_53": "public_access_block.trail",
        },
    ),
    "S3.12": Broken(
        DATA,
        '"BucketOwnerEnforced"',
        '"ObjectWriter"',
        {"design:buckets": "aws_s3_bucket.data: expected ACLs to be off", "CKV2_AWS_65": "ownership_controls.data"},
    ),
    "S3.13": Broken(
        DATA,
        'storage_class = "DEEP_ARCHIVE"',
        'storage_class = "GLACIER"',
        {"design:lifecycle": "expected archive/ to go to DEEP_ARCHIVE"},
    ),
    "S3.13 trail": Broken(
        TRAIL,
        'resource "aws_s3_bucket_lifecycle_configuration" "trail" {\n'
        "  bucket                                 = aws_s3_bucket.trail.bucket",
        'resource "aws_s3_bucket_lifecycle_configuration" "trail" {\n'
        "  bucket                                 = local.data_bucket",
        {"CKV2_AWS_61": "aws_s3_bucket.trail"},
    ),
    "SNS.4": Broken(
        NOTICE,
        'Principal = { Service = "cloudwatch.amazonaws.com" }',
        'Principal = "*"',
        {"design:no-public": "aws_sns_topic_policy.notifications: AlarmsPublish: lets in everybody"},
    ),
    "SQS.1": Broken(
        NOTICE,
        "  kms_master_key_id                 = var.kms_key_arn",
        '  kms_master_key_id                 = "alias/aws/sqs"',
        {"design:one-key": "aws_sqs_queue.undelivered: kms_master_key_id", "CKV_DPC_8": "aws_sqs_queue.undelivered"},
    ),
    "SQS.3": Broken(
        NOTICE,
        'Principal = { Service = "events.amazonaws.com" }\n        Action    = "sqs:SendMessage"',
        'Principal = "*"\n        Action    = "sqs:SendMessage"',
        {"design:no-public": "aws_sqs_queue_policy.undelivered: FailedDeliveriesOfTheRule: lets in everybody"},
    ),
    "StepFunctions.1": Broken(
        MACHINES,
        '= "ALL"',
        '= "OFF"',
        {"design:machines": "expected its whole history in the log"},
    ),
}
"""Control, with a word where one is broken in two places -> how."""


def test_every_proof_of_the_page_is_broken_and_no_other() -> None:
    said = {
        (row.controls[0], proof)
        for row in rows(PAGE.read_text("utf-8"))
        for proof in row.proofs
        if not proof.startswith("tests/")
    }
    assert {(name.split()[0], proof) for name, each in BROKEN.items() for proof in each.told} == said


@pytest.mark.parametrize("name", [name for name, each in BROKEN.items() if each.text])
def test_what_is_broken_stands_in_its_file(name: str) -> None:
    assert BROKEN[name].text in (ROOT / "infra" / "terraform" / BROKEN[name].file).read_text("utf-8")


def copy(folder: Path, names: Iterable[str]) -> Path:
    """infra/ with these controls broken."""
    shutil.copytree(
        ROOT / "infra", folder / "infra", ignore=shutil.ignore_patterns(".terraform", "local", "__pycache__")
    )
    done = set()
    for name in names:
        each = BROKEN[name]
        path = folder / "infra" / "terraform" / each.file
        if (path, each.text, each.instead) in done:
            continue
        done.add((path, each.text, each.instead))
        text = path.read_text("utf-8")
        assert each.text in text, f"{name}: {each.file}: expected {each.text!r}, which another broken control took"
        path.write_text(text.replace(each.text, each.instead, 1) if each.text else text + each.instead, "utf-8")
    return folder


def problems(folder: Path, names: Iterable[str]) -> dict[str, list[str]]:
    """Check -> its problems, of the checks that these controls' proofs are."""
    proofs = {proof for name in names for proof in BROKEN[name].told}
    checks = sorted({"checkov" if proof.startswith("CKV") else proof.split("::")[0] for proof in proofs})
    command = [str(PYTHON), "-W", "ignore", "-m", "infra_check", "--json", "--project", str(folder), *checks]
    done = subprocess.run(command, cwd=PACKAGE, capture_output=True, text=True, check=False)
    assert done.stdout.startswith("{"), done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)["checks"]
    return {each["name"]: [" ".join(problem.split()) for problem in each["problems"]] for each in found}


def tells(found: Mapping[str, list[str]], proof: str, words: str) -> bool:
    check, _, run = proof.partition("::")
    if proof.startswith("CKV"):
        return any(each.endswith(f"[{proof}]") and words in each for each in found["checkov"])
    if run and not any(f"run {run}: fail" in each for each in found[check]):
        return False
    return any(words in each for each in found[check])


@pytest.mark.soak
@needs_tools
@needs_terraform
@pytest.mark.parametrize("alone", [False, True], ids=["together", "apart"])
def test_every_proof_tells_that_its_control_is_broken(tmp_path: Path, alone: bool) -> None:
    names = [name for name, each in BROKEN.items() if each.alone == alone]
    found = problems(copy(tmp_path, names), names)
    silent = [
        f"{name}: {proof}: expected {words!r}"
        for name in names
        for proof, words in BROKEN[name].told.items()
        if not tells(found, proof, words)
    ]
    assert silent == [], json.dumps(found, indent=1)
