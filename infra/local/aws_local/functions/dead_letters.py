"""Events that a function failed on three times: the event itself goes to the dead-letter queue, by the function's role,
with what went wrong as attributes (docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html).
ministack sends what a destination would get, which is another document.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import boto3

from aws_local import identities
from aws_local.settings import Settings

_MOST_CHARACTERS = 1000
"""Of the error's message; AWS sends the first kilobyte."""


def send(
    settings: Settings, config: Mapping[str, Any], queue_arn: str, event: object, result: Mapping[str, Any]
) -> None:
    """Over HTTP, so that it is a call like any other. Raises ClientError where the queue refuses."""
    keys = identities.credentials(config["Role"])
    account, name = queue_arn.split(":")[4:6]
    body = result.get("body")
    told = body if isinstance(body, dict) else {}
    client = boto3.client(
        "sqs",
        endpoint_url=settings.endpoint,
        region_name=settings.region,
        aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
    )
    client.send_message(
        QueueUrl=f"{settings.endpoint}/{account}/{name}",
        MessageBody=json.dumps(event, ensure_ascii=False),
        MessageAttributes={
            "RequestID": {"DataType": "String", "StringValue": told.get("requestId") or "unknown"},
            "ErrorCode": {"DataType": "Number", "StringValue": "200"},
            "ErrorMessage": {
                "DataType": "String",
                "StringValue": (told.get("errorMessage") or "none")[:_MOST_CHARACTERS],
            },
        },
    )
