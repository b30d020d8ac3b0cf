"""Terraform against the server: applied as committed, planned again without a change, destroyed without a rest."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from local_aws import PROJECT, LocalAws, why_not

pytestmark = pytest.mark.soak

DATA, TRAIL = "dpc-learning-data-dev", "dpc-learning-trail-dev"


@pytest.fixture(scope="module", params=["code from a bucket", "as committed"])
def deployed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    if reason := why_not():
        pytest.skip(reason)
    server = LocalAws().start(tmp_path_factory.mktemp("deployed"))
    try:
        server.apply(as_committed=request.param == "as committed")
        print(
            f"{request.param}: started in {server.seconds['start']:.0f} s, applied in {server.seconds['apply']:.0f} s"
        )
        yield server
    finally:
        server.stop()


def left(aws: LocalAws) -> dict[str, list[str]]:
    """What the environment is seen by, by kind."""
    redshift, kms = aws.client("redshift-serverless"), aws.client("kms")
    return {
        "functions": [each["FunctionName"] for each in aws.client("lambda").list_functions()["Functions"]],
        "machines": [each["name"] for each in aws.client("stepfunctions").list_state_machines()["stateMachines"]],
        "buckets": [
            each["Name"] for each in aws.client("s3").list_buckets()["Buckets"] if each["Name"] in (DATA, TRAIL)
        ],
        "roles": [
            each["RoleName"]
            for each in aws.client("iam").list_roles()["Roles"]
            if each["RoleName"] not in ("role-plan-dpc", "role-deploy-dpc") and "dpc" in each["RoleName"]
        ],
        "topics": [each["TopicArn"] for each in aws.client("sns").list_topics()["Topics"]],
        "queues": aws.client("sqs").list_queues().get("QueueUrls", []),
        "schedules": [each["Name"] for each in aws.client("scheduler").list_schedules()["Schedules"]],
        "alarms": [each["AlarmName"] for each in aws.client("cloudwatch").describe_alarms()["MetricAlarms"]],
        "trails": [each["Name"] for each in aws.client("cloudtrail").list_trails()["Trails"]],
        "log groups": [
            each["logGroupName"]
            for each in aws.client("logs").describe_log_groups()["logGroups"]
            if "dpc" in each["logGroupName"]
        ],
        "clusters": aws.client("ecs").list_clusters()["clusterArns"],
        "tables": [
            each["Name"] for each in aws.client("glue").get_databases()["DatabaseList"] if "dpc" in each["Name"]
        ],
        "workgroups": _workgroups(redshift),
        "keys": [
            each["AliasName"] for each in kms.list_aliases()["Aliases"] if each["AliasName"] == "alias/dpc-learning-kms"
        ],
    }


def _workgroups(redshift: Any) -> list[str]:
    try:
        return [redshift.get_workgroup(workgroupName="dpc-learning-dev")["workgroup"]["workgroupArn"]]
    except redshift.exceptions.ResourceNotFoundException:
        return []


def test_what_is_deployed_is_what_was_compiled(deployed: LocalAws) -> None:
    """Zips byte for byte, definitions with nothing but their holes filled."""
    lambda_ = deployed.client("lambda")
    zips = {each.stem: each.read_bytes() for each in (PROJECT / "build" / "dist").glob("dpc-*.zip")}
    told = {each["FunctionName"]: each["CodeSha256"] for each in lambda_.list_functions()["Functions"]}
    assert {name: base64.b64decode(digest).hex() for name, digest in told.items()} == {
        name: hashlib.sha256(content).hexdigest() for name, content in zips.items()
    }
    machines = deployed.client("stepfunctions")
    for each in machines.list_state_machines()["stateMachines"]:
        definition = machines.describe_state_machine(stateMachineArn=each["stateMachineArn"])["definition"]
        source = Path(PROJECT / "infra" / "terraform" / "generated" / f"{each['name']}.asl.json").read_text("utf-8")
        assert json.loads(definition)["States"].keys() == json.loads(source)["States"].keys()
        assert "${" not in definition


def test_a_plan_changes_nothing(deployed: LocalAws) -> None:
    assert deployed.changes("bootstrap") == ""
    assert deployed.changes("dev") == ""


def test_the_state_is_in_the_bucket_and_was_locked(deployed: LocalAws) -> None:
    keys = [each["Key"] for each in deployed.client("s3").list_objects_v2(Bucket="dpc-learning-tfstate")["Contents"]]
    assert keys == ["dev/terraform.tfstate"]
    items = deployed.client("dynamodb").scan(TableName="terraform-lock")["Items"]
    assert [each["LockID"]["S"] for each in items] == ["dpc-learning-tfstate/dev/terraform.tfstate-md5"]


def test_the_warehouse_is_ready_after_migrating_twice(deployed: LocalAws) -> None:
    assert deployed.migrate()
    assert deployed.migrate()


def test_a_destroy_leaves_nothing(deployed: LocalAws) -> None:
    """The last test of the module: the buckets hold versions, which go first."""
    s3 = deployed.client("s3")
    for body in (b"one", b"two"):
        s3.put_object(Bucket=DATA, Key="raw/file", Body=body)
    s3.delete_object(Bucket=DATA, Key="raw/file")
    assert all(left(deployed).values())
    deployed.destroy()
    assert {kind: found for kind, found in left(deployed).items() if found} == {}
