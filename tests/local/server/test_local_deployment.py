"""Terraform against the server: applied as committed, planned again without a change, destroyed without a rest."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator

import pytest
from local_aws import LocalAws, why_not

pytestmark = pytest.mark.soak

DATA, TRAIL = "dpc-learning-data-dev", "dpc-learning-trail-dev"
WORKFLOWS = ("role-plan-dpc", "role-deploy-dpc")
ALIAS = "alias/dpc-learning-kms"


@pytest.fixture(scope="module", params=["code from a bucket", "as committed"])
def deployed(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[LocalAws]:
    if reason := why_not():
        pytest.skip(reason)
    server = LocalAws().start(tmp_path_factory.mktemp("deployed"))
    try:
        server.apply(as_committed=request.param == "as committed")
        print(request.param, {what: round(seconds) for what, seconds in server.seconds.items()})
        yield server
    finally:
        server.stop()


def left(aws: LocalAws) -> dict[str, list[str]]:
    """What the environment is seen by, by kind."""
    return {
        "functions": names(aws, "lambda", "list_functions", "Functions", "FunctionName"),
        "machines": names(aws, "stepfunctions", "list_state_machines", "stateMachines", "name"),
        "buckets": [each for each in names(aws, "s3", "list_buckets", "Buckets", "Name") if each in (DATA, TRAIL)],
        "roles": [each for each in names(aws, "iam", "list_roles", "Roles", "RoleName") if each not in WORKFLOWS],
        "topics": names(aws, "sns", "list_topics", "Topics", "TopicArn"),
        "queues": aws.client("sqs").list_queues().get("QueueUrls", []),
        "schedules": names(aws, "scheduler", "list_schedules", "Schedules", "Name"),
        "alarms": names(aws, "cloudwatch", "describe_alarms", "MetricAlarms", "AlarmName"),
        "trails": names(aws, "cloudtrail", "list_trails", "Trails", "Name"),
        "log groups": names(aws, "logs", "describe_log_groups", "logGroups", "logGroupName"),
        "clusters": active(aws),
        "catalog": names(aws, "glue", "get_databases", "DatabaseList", "Name"),
        "warehouse": workgroups(aws),
        "aliases": [each for each in names(aws, "kms", "list_aliases", "Aliases", "AliasName") if each == ALIAS],
    }


def names(aws: LocalAws, service: str, operation: str, key: str, name: str) -> list[str]:
    return [each[name] for each in getattr(aws.client(service), operation)()[key]]


def active(aws: LocalAws) -> list[str]:
    """Clusters; one that was deleted stays for a while as INACTIVE (API_DeleteCluster.html)."""
    ecs = aws.client("ecs")
    found = ecs.describe_clusters(clusters=ecs.list_clusters()["clusterArns"])["clusters"]
    return [each["clusterName"] for each in found if each["status"] == "ACTIVE"]


def workgroups(aws: LocalAws) -> list[str]:
    redshift = aws.client("redshift-serverless")
    try:
        return [redshift.get_workgroup(workgroupName="dpc-learning-dev")["workgroup"]["workgroupArn"]]
    except redshift.exceptions.ResourceNotFoundException:
        return []


def test_what_is_deployed_is_what_was_compiled(deployed: LocalAws) -> None:
    """Zips byte for byte, definitions with nothing but their holes filled."""
    lambda_ = deployed.client("lambda")
    zips = {each.stem: each.read_bytes() for each in deployed.place.dist.glob("dpc-*.zip")}
    told = {each["FunctionName"]: each["CodeSha256"] for each in lambda_.list_functions()["Functions"]}
    assert {name: base64.b64decode(digest).hex() for name, digest in told.items()} == {
        name: hashlib.sha256(content).hexdigest() for name, content in zips.items()
    }
    machines = deployed.client("stepfunctions")
    for each in machines.list_state_machines()["stateMachines"]:
        definition = machines.describe_state_machine(stateMachineArn=each["stateMachineArn"])["definition"]
        source = (deployed.place.folder / "generated" / f"{each['name']}.asl.json").read_text("utf-8")
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
