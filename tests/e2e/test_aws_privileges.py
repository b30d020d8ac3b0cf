"""Least privilege of the deployed roles, both ways: what each really called against the policies that Terraform put.

The functions' half stands in tests/infra; this is the machine's, the container's, the schedule's and the warehouse's.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

import aws_operations
import pytest
from deployed import CLUSTER, ELT, PARENT, Deployed
from iam_semantics import Grant, Need, allows, grants
from lakes import lake

pytestmark = pytest.mark.soak

MACHINE, CONTAINER, SCHEDULE = "role-stepfunctions-dpc", "role-dbt-runner", "role-scheduler-dpc"
FUNCTIONS, MIGRATES, COPIES = "role-lambda-dpc", "role-migrate-dpc", "role-redshift-copy"

ITSELF = "called by Step Functions itself under this role; the stand-in follows child executions and tasks inside"
DELIVERY = "called by Step Functions itself to deliver logs and traces, on no resource; the stand-in delivers inside"
ENCRYPTED = "called by the service itself under this role, for what it keeps under the key"
BRIEF = "called for a statement that runs when dbt is stopped; here they end within milliseconds (see tests/adapter)"
SOMETIMES = {(CONTAINER, "redshift-data:CancelStatement")}
HOLDER = "asked only where another execution holds the claim, which then is refused"
MISSING = "not called: lets S3 say that an object is missing (404) instead of refusing (403)"

NOT_CALLED: Mapping[tuple[str, str], str] = {
    **{(MACHINE, f"events:{each}"): ITSELF for each in ("DescribeRule", "PutRule", "PutTargets")},
    (MACHINE, "states:StopExecution"): "called where a parent is stopped while its child runs",
    **{(MACHINE, f"kms:{each}"): ENCRYPTED for each in ("Decrypt", "GenerateDataKey")},
    **{(SCHEDULE, f"kms:{each}"): ENCRYPTED for each in ("Decrypt", "GenerateDataKey")},
    (SCHEDULE, "sqs:SendMessage"): "called where a start fails for good; the stand-in has no dead letters of schedules",
    **{
        (MACHINE, action): DELIVERY
        for action in (
            "logs:CreateLogDelivery",
            "logs:DeleteLogDelivery",
            "logs:DescribeLogGroups",
            "logs:DescribeResourcePolicies",
            "logs:GetLogDelivery",
            "logs:ListLogDeliveries",
            "logs:PutResourcePolicy",
            "logs:UpdateLogDelivery",
            "xray:GetSamplingRules",
            "xray:GetSamplingTargets",
            "xray:PutTelemetryRecords",
            "xray:PutTraceSegments",
        )
    },
    (CONTAINER, "states:DescribeExecution"): HOLDER,
    (CONTAINER, "s3:PutObject"): HOLDER,
    (CONTAINER, "s3:ListBucket"): MISSING,
    (CONTAINER, "redshift-data:CancelStatement"): BRIEF,
}
"""(role, action) of a grant that nothing here calls -> why it is granted all the same."""


@pytest.fixture(scope="module")
def called(deployed: Deployed) -> Iterator[Mapping[str, set[Need]]]:
    """What every role called while months ran, an execution was stopped and a dbt test failed."""
    earlier = len(deployed.aws.calls())
    deployed.reset(lake(months=2, facilities=1))
    (schedule,) = [each["Name"] for each in deployed.client("scheduler").list_schedules()["Schedules"]]
    before = len(deployed.executions(PARENT))
    deployed.fire(schedule)
    deployed.until(lambda: len(deployed.executions(PARENT)) > before, 60, "the schedule started nothing")
    assert deployed.ended(deployed.executions(PARENT)[-1]["executionArn"]).status == "SUCCEEDED"

    arn = deployed.start({"partition": "2025-04", "select": "kind:dbt"})
    deployed.in_state(arn, "dbt")
    deployed.while_dbt_writes()
    deployed.stop(arn)
    deployed.until(lambda: not deployed.running_tasks(), 130, "the container did not notice that nobody waits")

    deployed.warehouse.execute(["UPDATE raw.ff1 SET line_no = 2 WHERE line_no = 3"], name="test")
    assert deployed.run({"partition": "2025-04", "select": "kind:dbt"}).error == "DbtTestFailed"

    found: dict[str, set[Need]] = {}
    for call in deployed.aws.calls()[earlier:]:
        if call["via"] in ("", "scheduler.amazonaws.com") and call["caller"] != "person":
            found.setdefault(call["caller"].rpartition("/")[2], set()).update(needed(deployed, call))
    yield found


def needed(deployed: Deployed, call: Mapping[str, Any]) -> Iterator[Need]:
    """The permissions of a recorded call, with the names that the deployment gave."""
    given = {**call["given"], "machine": deployed.arn(ELT)}
    if (call["service"], call["operation"]) == ("ecs", "RunTask"):
        task = deployed.task_definition()
        given |= {"roles": [task["taskRoleArn"], task["executionRoleArn"]], "taskDefinition": task["taskDefinitionArn"]}
    if call["service"] == "lambda" and not given["FunctionName"].startswith("arn:"):
        given["FunctionName"] = f"arn:aws:lambda:ap-northeast-1:000000000000:function:{given['FunctionName']}"
    names = {aws_operations.KEY: deployed.key(), aws_operations.WORKGROUP: deployed.workgroup()}
    via = {"kms:ViaService": f"{call['service']}.ap-northeast-1.amazonaws.com"}
    for need in aws_operations.needs(call["service"], call["operation"], given):
        told = via if need.action.startswith("kms:") else need.told
        yield replace(need, resource=names.get(need.resource, need.resource), told=told)


def granted(deployed: Deployed, role: str) -> list[Grant]:
    """Every piece of the role's policies, as they stand in IAM."""
    iam = deployed.client("iam")
    assert iam.list_attached_role_policies(RoleName=role)["AttachedPolicies"] == []
    statements: list[Any] = []
    for name in iam.list_role_policies(RoleName=role)["PolicyNames"]:
        document = iam.get_role_policy(RoleName=role, PolicyName=name)["PolicyDocument"]
        statements += (json.loads(document) if isinstance(document, str) else document)["Statement"]
    return sorted(set(grants(statements)))


def not_called(deployed: Deployed, called: Mapping[str, set[Need]], role: str) -> set[tuple[str, str]]:
    return {
        (role, each.action)
        for each in granted(deployed, role)
        if not any(allows(each, need) for need in called.get(role, ()))
    }


@pytest.mark.parametrize("role", [MACHINE, CONTAINER, SCHEDULE, FUNCTIONS, MIGRATES, COPIES])
def test_nothing_is_called_that_is_not_allowed(deployed: Deployed, called: Mapping[str, set[Need]], role: str) -> None:
    assert called[role], "nothing was called"
    have = granted(deployed, role)
    assert [need for need in called[role] if not any(allows(each, need) for each in have)] == []


def test_nothing_is_allowed_to_the_machine_the_container_and_the_schedule_that_is_not_called(
    deployed: Deployed, called: Mapping[str, set[Need]]
) -> None:
    left = {each for role in (MACHINE, CONTAINER, SCHEDULE) for each in not_called(deployed, called, role)}
    assert left | SOMETIMES == set(NOT_CALLED)


def test_the_task_runs_under_the_two_roles_of_the_design(deployed: Deployed) -> None:
    task = deployed.task_definition()
    roles = [task["taskRoleArn"].rpartition("/")[2], task["executionRoleArn"].rpartition("/")[2]]
    assert (roles, task["family"]) == ([CONTAINER, "role-dbt-execution"], CLUSTER)
