"""The evaluator of policies, and what calls take, against IAM's own list of actions."""

import json
import subprocess
from typing import Any

import pytest
from aws_operations import KEY, OTHERWISE, REGION, needs
from botocore.session import get_session
from checks_environment import PYTHON, needs_tools
from iam_semantics import Grant, Need, allows, grants, matches

BUCKET = "arn:aws:s3:::lake"
LIST = {"Action": "s3:ListBucket", "Resource": BUCKET, "Condition": {"StringLike": {"s3:prefix": ["raw/*", "ref/*"]}}}


@pytest.mark.parametrize(
    ("pattern", "value", "expected"),
    [
        ("raw/*", "raw/", True),
        ("raw/*", "raw/a/b", True),
        ("raw/*/_manifest.json", "raw/a/b/_manifest.json", True),
        ("raw/*", "stage/raw/", False),
        ("a?c", "abc", True),
        ("a?c", "ac", False),
        ("a.c", "abc", False),
    ],
)
def test_wildcards_are_those_of_iam(pattern: str, value: str, expected: bool) -> None:
    assert matches(pattern, value) is expected


def test_each_value_of_a_statement_is_one_grant() -> None:
    statement = {**LIST, "Action": ["s3:ListBucket", "s3:GetObject"]}
    found = set(grants([statement]))
    assert len(found) == 4
    assert Grant("s3:GetObject", BUCKET, "StringLike s3:prefix ref/*") in found


def test_a_condition_holds_for_what_it_names_only() -> None:
    raw, ref = sorted(grants([LIST]), key=lambda each: each.condition)
    need = Need("s3:ListBucket", BUCKET, {"s3:prefix": "raw/yyyymm=2025-04/"})
    assert (allows(raw, need), allows(ref, need)) == (True, False)
    assert not allows(raw, Need("s3:ListBucket", BUCKET))
    assert allows(Grant("S3:listbucket", "*"), need)


def test_what_is_not_known_is_not_guessed() -> None:
    with pytest.raises(ValueError, match="Allow"):
        list(grants([{**LIST, "Effect": "Deny"}]))
    with pytest.raises(ValueError, match="one key"):
        both = {"StringLike": {"s3:prefix": "raw/*"}, "StringEquals": {"aws:SourceAccount": "1"}}
        list(grants([{**LIST, "Condition": both}]))
    with pytest.raises(ValueError, match="unknown operator"):
        allows(Grant("*", "*", "NotIpAddress aws:SourceIp 1.2.3.4"), Need("a", "b", {"aws:SourceIp": "1.2.3.4"}))
    with pytest.raises(KeyError):
        list(needs("ec2", "RunInstances", {}))


def test_a_copy_reads_one_object_and_writes_another() -> None:
    given = {"Bucket": "lake", "Key": "archive/a", "CopySource": {"Bucket": "lake", "Key": "raw/a"}}
    assert set(needs("s3", "CopyObject", given)) == {
        Need("s3:PutObject", f"{BUCKET}/archive/a"),
        Need("s3:GetObject", f"{BUCKET}/raw/a"),
        Need("kms:Decrypt", KEY),
        Need("kms:GenerateDataKey", KEY),
    }


def iam_actions(*prefixes: str) -> dict[str, set[str]]:
    """Every action that IAM knows of a service, from the list that parliament brings along."""
    program = (
        "import json, sys, parliament; print(json.dumps({each['prefix']: [one['privilege'] "
        "for one in each['privileges']] for each in parliament.iam_definition if each['prefix'] in sys.argv[1:]}))"
    )
    command = [str(PYTHON), "-W", "ignore", "-c", program, *prefixes]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    found: dict[str, Any] = json.loads(done.stdout)
    return {prefix: set(actions) for prefix, actions in found.items()}


@needs_tools
def test_operations_bear_their_actions_names_but_for_those_that_are_listed() -> None:
    services = {each: each for each in ("ecs", "lambda", "redshift-data", "s3", "secretsmanager", "sns")}
    known = iam_actions(*services)
    session = get_session()
    named_otherwise = {
        f"{prefix}:{operation}"
        for name, prefix in services.items()
        for operation in session.get_service_model(name).operation_names
        if operation not in known[prefix]
    }
    assert set(OTHERWISE) <= named_otherwise
    assert {
        action for action in OTHERWISE.values() if action.partition(":")[2] not in known[action.partition(":")[0]]
    } == set()
    assert session.create_client("s3", region_name=REGION).meta.service_model.service_name == "s3"
