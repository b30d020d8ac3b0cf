"""One execution writes at a time: the claim is an object that holds who writes, replaced only when that one has ended.

The object is JSON `{"execution": ARN, "machine": name, "partition": key or null, "taken_at": UTC}`. It is made and
replaced by conditional PUT (S3, If-None-Match and If-Match), and never deleted: a holder that is no longer running
holds nothing, so it cannot leak.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import Any

from compiler.runtime.errors import ClaimUnreachable, WriterBusy, WriterBusyWaiting

ROUNDS = 8
"""How often a lost race is looked at again."""

RUNNING = ("RUNNING", "PENDING_REDRIVE")
MISSING = ("NoSuchKey", "404", "NotFound")
REFUSED = ("AccessDenied", "403", "Forbidden")
LOST = ("PreconditionFailed", "412", "ConditionalRequestConflict", "409", *MISSING)
GONE = ("ExecutionDoesNotExist", "InvalidArn")


@dataclass(frozen=True)
class Place:
    """Where the claim lies."""

    bucket: str
    key: str


@dataclass(frozen=True)
class Hold:
    """Who holds it: an execution of a machine, for a partition, since `taken_at` (UTC, ISO 8601)."""

    execution: str
    machine: str
    partition: str | None
    taken_at: str


def take(place: Place, hold: Hold, s3: Any, stepfunctions: Any, *, wait: bool = False) -> str:
    """Takes the claim or finds that it is ours; answers "taken", "ours" or "replaced".

    The clients are boto3's. Raises WriterBusy (WriterBusyWaiting with `wait`) where another execution holds it and is
    running, ClaimUnreachable where S3 or Step Functions cannot be asked.
    """
    for _ in range(ROUNDS):
        found = _read(place, s3)
        if isinstance(found, Exception) or found is None:
            if _put(place, hold, s3, {"IfNoneMatch": "*"}):
                return "taken"
            if found is not None:
                raise _unreachable(place, "read", found) from found
            continue
        holder, etag = found
        if holder is not None and holder.execution == hold.execution:
            return "ours"
        if holder is not None and _runs(holder, stepfunctions):
            raise (WriterBusyWaiting if wait else WriterBusy)(_busy(place, holder, wait))
        if _put(place, hold, s3, {"IfMatch": etag}):
            return "replaced"
    raise ClaimUnreachable(f"{_uri(place)}: lost the race for the writer's claim {ROUNDS} times; try again later")


def _read(place: Place, s3: Any) -> tuple[Hold | None, str] | Exception | None:
    """The holder (nobody, where what is written cannot be read) and the object's ETag; None where there is no object.

    The error itself where S3 refuses: it does so for an object that does not exist, where listing is not allowed.
    """
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        answer = s3.get_object(Bucket=place.bucket, Key=place.key)
        return _holder(answer["Body"].read()), str(answer["ETag"])
    except ClientError as error:
        if _code(error) in MISSING:
            return None
        if _code(error) in REFUSED:
            refused: Exception = error
            return refused
        raise _unreachable(place, "read", error) from error
    except BotoCoreError as error:
        raise _unreachable(place, "read", error) from error


def _holder(body: bytes) -> Hold | None:
    try:
        content = json.loads(body)
        execution = content["execution"]
    except (ValueError, KeyError, TypeError):
        return None
    if not isinstance(execution, str):
        return None
    partition = content.get("partition")
    return Hold(execution, str(content.get("machine", "")), partition, str(content.get("taken_at", "")))


def _put(place: Place, hold: Hold, s3: Any, condition: dict[str, str]) -> bool:
    """Whether the object is ours now; False where another was faster."""
    from botocore.exceptions import BotoCoreError, ClientError

    body = json.dumps(asdict(hold), ensure_ascii=False, sort_keys=True).encode()
    try:
        s3.put_object(Bucket=place.bucket, Key=place.key, Body=body, ContentType="application/json", **condition)
    except (ClientError, BotoCoreError) as error:
        if _code(error) in LOST:
            return False
        raise _unreachable(place, "write", error) from error
    return True


def _runs(holder: Hold, stepfunctions: Any) -> bool:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        answer = stepfunctions.describe_execution(executionArn=holder.execution)
    except (ClientError, BotoCoreError) as error:
        if _code(error) in GONE:
            return False
        raise ClaimUnreachable(
            f"the writer's claim is held by {holder.execution}, whose state cannot be read: {_said(error)}"
        ) from error
    return str(answer["status"]) in RUNNING


def _busy(place: Place, holder: Hold, wait: bool) -> str:
    about = f"partition {holder.partition}" if holder.partition else "no partition"
    then = "it is waited for" if wait else 'wait until it has ended, or start with "wait": true'
    return (
        f"one execution writes at a time: {holder.execution} ({holder.machine}, {about}) has been writing since "
        f"{holder.taken_at}; {then}. To look at it: aws stepfunctions describe-execution "
        f"--execution-arn {holder.execution} (claim: {_uri(place)})"
    )


def _unreachable(place: Place, what: str, error: Exception) -> ClaimUnreachable:
    return ClaimUnreachable(f"cannot {what} the writer's claim {_uri(place)}: {_said(error)}")


def _uri(place: Place) -> str:
    return f"s3://{place.bucket}/{place.key}"


def _code(error: Exception) -> str:
    """The error code of an AWS answer; empty where none came (network, credentials)."""
    response = getattr(error, "response", None)
    return str(response.get("Error", {}).get("Code", "")) if isinstance(response, dict) else ""


def _said(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"
