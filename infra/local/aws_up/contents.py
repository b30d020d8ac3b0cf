"""What is put into a deployed platform, and taken out before it is destroyed: over AWS's own APIs."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from aws_up.place import REGION, environment

TRAIL_BUCKET = "dpc-learning-trail-dev"
MIGRATE = "dpc-migrate"
INBOX = "laptop-inbox"
_BATCH = 1000  # DeleteObjects takes no more


def client(port: int, service: str, more: Config | None = None) -> Any:
    """boto3's client for the server, whatever this process's own AWS settings are. It tries nothing again."""
    told = environment(port)
    return boto3.client(
        service,
        endpoint_url=told["AWS_ENDPOINT_URL"],
        region_name=REGION,
        aws_access_key_id=told["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=told["AWS_SECRET_ACCESS_KEY"],
        config=Config(read_timeout=900, retries={"total_max_attempts": 1}).merge(more or Config()),
    )


def migrate(port: int) -> dict[str, Any]:
    """Users, grants and tables of the warehouse, by the deployed function. Raises RuntimeError with what it said."""
    answer = client(port, "lambda").invoke(FunctionName=MIGRATE, Payload=b"{}")
    told = json.loads(answer["Payload"].read())
    if "FunctionError" in answer:
        raise RuntimeError(f"{MIGRATE}: {told.get('errorType')}: {told.get('errorMessage')}")
    return dict(told)


def put_id_key(port: int, secret: str, value: str = "") -> None:
    """The key that stands behind patients' ids: drawn here where none is given, and kept nowhere else."""
    client(port, "secretsmanager").put_secret_value(SecretId=secret, SecretString=value or secrets.token_hex(32))


def upload(port: int, bucket: str, folder: Path) -> None:
    """A new bucket with the zips of a folder."""
    s3 = client(port, "s3")
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
    for each in sorted(folder.glob("*.zip")):
        s3.put_object(Bucket=bucket, Key=each.name, Body=each.read_bytes())


def open_inbox(port: int, topic: str) -> None:
    """A queue of ours that is sent what the topic sends to people: SNS itself keeps nothing."""
    sqs = client(port, "sqs")
    queue = sqs.create_queue(QueueName=INBOX)["QueueUrl"]
    arn = sqs.get_queue_attributes(QueueUrl=queue, AttributeNames=["QueueArn"])["Attributes"]["QueueArn"]
    client(port, "sns").subscribe(TopicArn=topic, Protocol="sqs", Endpoint=arn)


def has_bucket(port: int, bucket: str) -> bool:
    try:
        client(port, "s3").head_bucket(Bucket=bucket)
    except ClientError:
        return False
    return True


def empty(port: int, bucket: str) -> int:
    """Deletes every version and delete marker, as infra/README.md asks for before a destroy; how many there were."""
    s3, count = client(port, "s3"), 0
    for batch in _versions(s3, bucket):
        s3.delete_objects(Bucket=bucket, Delete={"Objects": batch, "Quiet": True})
        count += len(batch)
    return count


def _versions(s3: Any, bucket: str) -> Iterator[list[dict[str, str]]]:
    pages = s3.get_paginator("list_object_versions").paginate(Bucket=bucket, PaginationConfig={"PageSize": _BATCH})
    # Listed as a whole before anything is deleted: a page's marker may name what is gone by then.
    for page in list(pages):
        found = [*page.get("Versions", ()), *page.get("DeleteMarkers", ())]
        if found:
            yield [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in found]
