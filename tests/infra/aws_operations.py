"""Which permissions an API call takes. By default the action is named like the operation; where it is not, it says so.

Sources: the table of actions of each service in AWS's Service Authorization Reference, and the S3 User Guide, "Required
permissions for Amazon S3 API operations" and "Protecting data with SSE-KMS": GenerateDataKey to write, Decrypt to read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from iam_semantics import Need

ACCOUNT, REGION = "123456789012", "ap-northeast-1"
KEY = f"arn:aws:kms:{REGION}:{ACCOUNT}:key/00000000-0000-4000-8000-000000000000"
WORKGROUP = f"arn:aws:redshift-serverless:{REGION}:{ACCOUNT}:workgroup/00000000-0000-4000-8000-000000000002"

OTHERWISE: Mapping[str, str] = {
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:HeadBucket": "s3:ListBucket",
    "s3:HeadObject": "s3:GetObject",
    "s3:ListObjectVersions": "s3:ListBucketVersions",
    "s3:DeleteObjects": "s3:DeleteObject",
    "s3:CreateMultipartUpload": "s3:PutObject",
    "s3:UploadPart": "s3:PutObject",
    "s3:UploadPartCopy": "s3:PutObject",
    "s3:CompleteMultipartUpload": "s3:PutObject",
    "s3:CopyObject": "s3:PutObject",
    "lambda:Invoke": "lambda:InvokeFunction",
}
"""Operation -> action, where no action bears the operation's name; test_iam_semantics compares with IAM's list."""

READS, WRITES = ("kms:Decrypt",), ("kms:GenerateDataKey",)
BOTH = (*READS, *WRITES)
"""What a call needs of the key. Parts of an upload are read again when it is completed: Decrypt, too."""

OF_THE_KEY: Mapping[str, tuple[str, ...]] = {
    "s3:GetObject": READS,
    "s3:PutObject": WRITES,
    "s3:CreateMultipartUpload": BOTH,
    "s3:UploadPart": BOTH,
    "s3:UploadPartCopy": BOTH,
    "s3:CompleteMultipartUpload": BOTH,
    "s3:CopyObject": BOTH,
    "secretsmanager:GetSecretValue": READS,
    "sns:Publish": BOTH,
}

Given = Mapping[str, Any]


def needs(service: str, operation: str, given: Given) -> Iterator[Need]:
    """The permissions of one call. Raises KeyError for a service that the steps have not called before.

    What no request tells, `given` has beside its arguments: `roles` of a task, `machine` that waits for a token.
    """
    called = f"{service}:{operation}"
    resource, told = RESOURCES[service](operation, given)
    yield Need(OTHERWISE.get(called, called), resource, told)
    if called == "s3:CopyObject":
        source = given["CopySource"]
        place = source if isinstance(source, str) else f"{source['Bucket']}/{source['Key']}"
        yield Need("s3:GetObject", f"arn:aws:s3:::{place}")
    if service == "redshift-data" and operation in ("ExecuteStatement", "BatchExecuteStatement"):
        if "SecretArn" in given:
            yield Need("secretsmanager:GetSecretValue", given["SecretArn"])
            yield Need("kms:Decrypt", KEY)
        else:
            yield Need("redshift-serverless:GetCredentials", WORKGROUP)
    if called == "ecs:RunTask":
        for role in given["roles"]:
            yield Need("iam:PassRole", role, {"iam:PassedToService": "ecs-tasks.amazonaws.com"})
    for action in OF_THE_KEY.get(called, ()):
        yield Need(action, KEY)


def _s3(operation: str, given: Given) -> tuple[str, dict[str, str]]:
    bucket = f"arn:aws:s3:::{given['Bucket']}"
    if "Key" in given:
        return f"{bucket}/{given['Key']}", {}
    return bucket, {"s3:prefix": given.get("Prefix", "")}


def _redshift_data(operation: str, given: Given) -> tuple[str, dict[str, str]]:
    if operation in ("ExecuteStatement", "BatchExecuteStatement"):
        return WORKGROUP, {}
    return "*", {"redshift-data:statement-owner-iam-userid": "${aws:userid}"}  # one's own: the ids come from a call


def _named(argument: str) -> Callable[[str, Given], tuple[str, dict[str, str]]]:
    return lambda operation, given: (str(given[argument]), {})


RESOURCES: Mapping[str, Callable[[str, Given], tuple[str, dict[str, str]]]] = {
    "redshift-data": _redshift_data,
    "s3": _s3,
    "secretsmanager": _named("SecretId"),
    "sns": _named("TopicArn"),
    "ecs": _named("taskDefinition"),
    "lambda": _named("FunctionName"),
    "states": lambda operation, given: (
        str(given.get("executionArn") or given.get("stateMachineArn") or given["machine"]),
        {},
    ),
}
"""IAM's prefix of a service -> the resource of a call, and what a condition may ask about it."""
