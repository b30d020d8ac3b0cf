"""Requests that are served here: right in botocore's eyes, within the service's limits, and of what our code asks."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from aws_local.errors import AwsError
from dpc_assets.local.requests import beyond_limits, misshapen, service

SERVED = ("BatchExecuteStatement", "CancelStatement", "DescribeStatement", "ExecuteStatement", "GetStatementResult")

_NOT_SERVED = {
    "ClusterIdentifier": "a workgroup is served, no cluster",
    "DbUser": "the caller's own identity or a secret is the user",
    "Parameters": "statements are served as they are",
}
_ONLY = {"ExecutionMode": "TRANSACTION", "ResultFormat": "JSON", "WithEvent": False}
_OF_A_CONNECTION = ("Database", "SecretArn", "WorkgroupName")


def check(operation: str, request: Mapping[str, Any]) -> None:
    """Raises ValidationException for everything else, saying what."""
    if operation not in service().operation_names:
        raise AwsError("UnknownOperationException", f"{operation} is not an operation of redshift-data.")
    if operation not in SERVED:
        raise AwsError("ValidationException", f"{operation} is not served here; served are {', '.join(SERVED)}.")
    problem = misshapen(operation, request) or beyond_limits(operation, request)
    if problem:
        raise AwsError("ValidationException", problem)
    for member, reason in _NOT_SERVED.items():
        if member in request:
            raise AwsError("ValidationException", f"{member} is not served here: {reason}.")
    for member, value in _ONLY.items():
        if request.get(member, value) != value:
            raise AwsError("ValidationException", f"{member} {request[member]} is not served here, only {value}.")
    if "Sql" in request or "Sqls" in request:
        _check_target(request)


def _check_target(request: Mapping[str, Any]) -> None:
    """A statement names its session, or the workgroup and the database of a new one; never both."""
    given = [member for member in _OF_A_CONNECTION if member in request]
    if "SessionId" in request and given:
        raise AwsError("ValidationException", f"SessionId excludes {', '.join(given)}: a session has them already.")
    missing = [member for member in ("Database", "WorkgroupName") if not request.get(member)]
    if "SessionId" not in request and missing:
        raise AwsError("ValidationException", f"{', '.join(missing)}: expected where no SessionId is given.")
