"""Calls of the Data API, and what their refusals mean for a session.

botocore repeats what was throttled, and what may not have arrived, under the token of the call, so that nothing runs
twice. What the service refused before it ran is for the caller to send again, as a call of its own.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError
from dbt.adapters.redshift_data import endpoint
from redshift_connector import OperationalError, ProgrammingError

_LONGEST_WAIT_S = 30

_GONE = re.compile(r"\bsession\b.*\b(not available|invalid|expired|closed|terminated|not found|not exist)", re.I | re.S)
_BUSY = re.compile(r"\bsession\b.*\b(busy|in use|already running|in progress)", re.I | re.S)
_FULL = frozenset({"ActiveSessionsExceededException", "ActiveStatementsExceededException"})


class SessionLost(OperationalError):  # type: ignore[misc]  # redshift_connector is untyped
    """The service has no such session any more. The statement was not run."""


class NoRoom(OperationalError):  # type: ignore[misc]
    """The statement was not run because others do; later it may."""


class PollPlainly(OperationalError):  # type: ignore[misc]
    """Too many calls wait for this statement to end."""


def client(region: str, endpoint_url: str | None) -> Any:
    """A client for all threads. Raises OperationalError for an endpoint that is neither AWS nor this machine.

    The endpoint is looked at again because boto3 takes one from the environment too (AWS_ENDPOINT_URL).
    """
    made = boto3.session.Session(region_name=region).client(
        "redshift-data",
        endpoint_url=endpoint_url,
        config=Config(
            retries={"mode": "standard", "total_max_attempts": 10},
            connect_timeout=10,
            read_timeout=_LONGEST_WAIT_S + 30,
            max_pool_connections=64,
        ),
    )
    if problem := endpoint.problem(made.meta.endpoint_url):
        raise OperationalError(f"endpoint of the Redshift Data API: {problem}")
    return made


def can_wait(made: Any) -> bool:
    """Whether this botocore knows calls that wait for a statement to end."""
    return "WaitTimeSeconds" in made.meta.service_model.operation_model("DescribeStatement").input_shape.members


def call(made: Any, operation: str, **request: Any) -> Mapping[str, Any]:
    """One call. Raises errors of redshift_connector, which is what dbt-redshift expects from a connection."""
    try:
        answer: Mapping[str, Any] = getattr(made, operation)(**request)
        return answer
    except ParamValidationError as error:
        raise ProgrammingError(f"Redshift Data API, {operation}: {error}") from error
    except ClientError as error:
        raise _meaning(operation, error) from error
    except BotoCoreError as error:
        raise OperationalError(f"could not connect to the Redshift Data API, {operation}: {error}") from error


def _meaning(operation: str, error: ClientError) -> Exception:
    told = error.response.get("Error", {})
    code, message = str(told.get("Code", "")), str(told.get("Message", ""))
    text = f"Redshift Data API, {operation}: {code}: {message}"
    if code in _FULL:
        return NoRoom(text)
    if code == "ActiveWaitingRequestsExceededException":
        return PollPlainly(text)
    if code == "ValidationException":
        if _BUSY.search(message):
            return NoRoom(text)
        return SessionLost(text) if _GONE.search(message) else ProgrammingError(text)
    return OperationalError(text)
