"""The control plane of Redshift Serverless, as Terraform and the Data API's users meet it: read by boto3."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.exceptions import ClientError
from local_aws import LocalAws

ROLE = "arn:aws:iam::000000000000:role/role-redshift-copy"
KEY = "arn:aws:kms:ap-northeast-1:000000000000:key/11111111-2222-3333-4444-555555555555"


@pytest.fixture
def redshift(aws: LocalAws) -> Any:
    return aws.client("redshift-serverless")


@pytest.fixture
def namespace(redshift: Any) -> Iterator[dict[str, Any]]:
    made = redshift.create_namespace(
        namespaceName="warehouse",
        dbName="dpc",
        adminUsername="dpc_owner",
        manageAdminPassword=True,
        adminPasswordSecretKmsKeyId=KEY,
        kmsKeyId=KEY,
        iamRoles=[ROLE],
        defaultIamRoleArn=ROLE,
        logExports=["userlog"],
        tags=[{"key": "project", "value": "dpc-learning"}],
    )["namespace"]
    yield made
    redshift.delete_namespace(namespaceName="warehouse")


@pytest.fixture
def workgroup(redshift: Any, namespace: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield redshift.create_workgroup(
        workgroupName="warehouse",
        namespaceName="warehouse",
        baseCapacity=8,
        maxCapacity=16,
        configParameters=[
            {"parameterKey": "require_ssl", "parameterValue": "true"},
            {"parameterKey": "max_query_execution_time", "parameterValue": "900"},
        ],
    )["workgroup"]
    redshift.delete_workgroup(workgroupName="warehouse")


def code(refused: pytest.ExceptionInfo[ClientError]) -> str:
    return str(refused.value.response["Error"]["Code"])


def test_a_namespace_is_read_as_it_was_made(redshift: Any, namespace: dict[str, Any]) -> None:
    found = redshift.get_namespace(namespaceName="warehouse")["namespace"]
    assert found == namespace
    assert {name: found[name] for name in ("dbName", "adminUsername", "kmsKeyId", "logExports", "status")} == {
        "dbName": "dpc",
        "adminUsername": "dpc_owner",
        "kmsKeyId": KEY,
        "logExports": ["userlog"],
        "status": "AVAILABLE",
    }
    assert found["iamRoles"] == [f"IamRole(applyStatus=in-sync, iamRoleArn={ROLE})"]
    assert found["defaultIamRoleArn"] == ROLE
    assert found["namespaceArn"] == (
        f"arn:aws:redshift-serverless:ap-northeast-1:000000000000:namespace/{found['namespaceId']}"
    )


def test_the_service_keeps_the_password_of_the_administrator(aws: LocalAws, namespace: dict[str, Any]) -> None:
    secrets = aws.client("secretsmanager")
    described = secrets.describe_secret(SecretId=namespace["adminPasswordSecretArn"])
    assert described["Name"] == "redshift!warehouse-dpc_owner"
    assert described["KmsKeyId"] == KEY
    value = json.loads(secrets.get_secret_value(SecretId=namespace["adminPasswordSecretArn"])["SecretString"])
    assert value["username"] == "dpc_owner"
    assert len(value["password"]) == 32


def test_the_password_goes_with_the_namespace(aws: LocalAws, redshift: Any) -> None:
    made = redshift.create_namespace(namespaceName="short-lived", manageAdminPassword=True)["namespace"]
    redshift.delete_namespace(namespaceName="short-lived")
    with pytest.raises(ClientError) as refused:
        aws.client("secretsmanager").describe_secret(SecretId=made["adminPasswordSecretArn"])
    assert code(refused) == "ResourceNotFoundException"


def test_a_workgroup_answers_with_every_parameter_asked_for_or_not(redshift: Any, workgroup: dict[str, Any]) -> None:
    found = redshift.get_workgroup(workgroupName="warehouse")["workgroup"]
    assert {each["parameterKey"]: each["parameterValue"] for each in found["configParameters"]} == {
        "auto_mv": "true",
        "datestyle": "ISO, MDY",
        "enable_case_sensitive_identifier": "false",
        "enable_user_activity_logging": "true",
        "max_query_execution_time": "900",
        "query_group": "default",
        "require_ssl": "true",
        "search_path": "$user, public",
        "use_fips_ssl": "false",
    }
    assert (found["baseCapacity"], found["maxCapacity"], found["publiclyAccessible"]) == (8, 16, False)
    assert found["endpoint"]["address"] == "warehouse.000000000000.ap-northeast-1.redshift-serverless.amazonaws.com"


def test_a_workgroup_is_changed(redshift: Any, workgroup: dict[str, Any]) -> None:
    redshift.update_workgroup(
        workgroupName="warehouse",
        configParameters=[{"parameterKey": "query_group", "parameterValue": "nightly"}],
    )
    redshift.update_workgroup(workgroupName="warehouse", baseCapacity=16)
    found = redshift.get_workgroup(workgroupName="warehouse")["workgroup"]
    told = {each["parameterKey"]: each["parameterValue"] for each in found["configParameters"]}
    assert (found["baseCapacity"], told["query_group"], told["require_ssl"]) == (16, "nightly", "true")


def test_usage_limits_are_made_changed_and_gone_with_their_workgroup(redshift: Any, workgroup: dict[str, Any]) -> None:
    made = redshift.create_usage_limit(
        resourceArn=workgroup["workgroupArn"], usageType="serverless-compute", amount=60, breachAction="deactivate"
    )["usageLimit"]
    assert (made["period"], made["breachAction"]) == ("monthly", "deactivate")
    redshift.update_usage_limit(usageLimitId=made["usageLimitId"], amount=80)
    assert redshift.get_usage_limit(usageLimitId=made["usageLimitId"])["usageLimit"] == made | {"amount": 80}
    with pytest.raises(ClientError) as refused:
        redshift.create_usage_limit(
            resourceArn=workgroup["workgroupArn"], usageType="serverless-compute", amount=5, breachAction="deactivate"
        )
    assert code(refused) == "ConflictException"
    redshift.delete_usage_limit(usageLimitId=made["usageLimitId"])
    with pytest.raises(ClientError) as gone:
        redshift.get_usage_limit(usageLimitId=made["usageLimitId"])
    assert code(gone) == "ResourceNotFoundException"


def test_tags_are_kept_changed_and_taken_away(redshift: Any, namespace: dict[str, Any]) -> None:
    arn = namespace["namespaceArn"]
    redshift.tag_resource(resourceArn=arn, tags=[{"key": "project", "value": "x"}, {"key": "owner", "value": "y"}])
    told = redshift.list_tags_for_resource(resourceArn=arn)["tags"]
    assert told == [{"key": "project", "value": "x"}, {"key": "owner", "value": "y"}]
    redshift.untag_resource(resourceArn=arn, tagKeys=["project"])
    assert redshift.list_tags_for_resource(resourceArn=arn)["tags"] == [{"key": "owner", "value": "y"}]


def test_a_namespace_with_a_workgroup_stays(redshift: Any, workgroup: dict[str, Any]) -> None:
    with pytest.raises(ClientError) as refused:
        redshift.delete_namespace(namespaceName="warehouse")
    assert code(refused) == "ConflictException"


@pytest.mark.parametrize(
    ("operation", "given", "expected"),
    [
        ("get_namespace", {"namespaceName": "nowhere"}, "ResourceNotFoundException"),
        ("get_workgroup", {"workgroupName": "nowhere"}, "ResourceNotFoundException"),
        ("create_workgroup", {"workgroupName": "one", "namespaceName": "nowhere"}, "ResourceNotFoundException"),
        ("list_tags_for_resource", {"resourceArn": "arn:aws:redshift-serverless:x"}, "ResourceNotFoundException"),
        ("create_namespace", {"namespaceName": "Big Letters"}, "ValidationException"),
        ("create_namespace", {"namespaceName": "x" * 65}, "ValidationException"),
        ("create_namespace", {"namespaceName": "one", "logExports": ["everything"]}, "ValidationException"),
        (
            "create_namespace",
            {"namespaceName": "one", "manageAdminPassword": True, "adminUserPassword": "Abcdefg1"},
            "ValidationException",
        ),
        ("create_namespace", {"namespaceName": "one", "defaultIamRoleArn": ROLE}, "ValidationException"),
        ("create_snapshot", {"namespaceName": "one", "snapshotName": "two"}, "NotOnThisLaptop"),
        ("get_credentials", {"workgroupName": "one"}, "NotOnThisLaptop"),
    ],
)
def test_what_is_wrong_or_not_here_is_refused_by_name(
    redshift: Any, operation: str, given: dict[str, Any], expected: str
) -> None:
    with pytest.raises(ClientError) as refused:
        getattr(redshift, operation)(**given)
    assert code(refused) == expected


def test_an_unknown_parameter_is_refused(redshift: Any, namespace: dict[str, Any]) -> None:
    with pytest.raises(ClientError, match="no parameter is called statement_timeout"):
        redshift.create_workgroup(
            workgroupName="one",
            namespaceName="warehouse",
            configParameters=[{"parameterKey": "statement_timeout", "parameterValue": "1"}],
        )
