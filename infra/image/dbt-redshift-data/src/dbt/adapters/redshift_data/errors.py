"""What goes wrong, in redshift_connector's classes: dbt-redshift's own handler catches those, rolls back and tells.

redshift_connector.DatabaseError
|-- ProgrammingError     the statement is wrong: mend it
`-- OperationalError     the service or the connection: what was rolled back may be run again
    |-- SessionGone      nothing was run, because the session is not there any more, or busy
    |-- PollPlainly      too many requests wait for one statement: ask without waiting
    `-- Cancelled        the person stopped dbt
"""

from __future__ import annotations

from typing import Any

from redshift_connector.error import OperationalError, ProgrammingError

__all__ = ["Cancelled", "OperationalError", "PollPlainly", "ProgrammingError", "SessionGone", "refusal"]


class SessionGone(OperationalError):
    """Before anything was run."""


class PollPlainly(OperationalError):
    """Of a request with WaitTimeSeconds."""


class Cancelled(OperationalError):
    """By `Handle.cancel`."""


_OF_THE_STATEMENT = frozenset({"ValidationException"})
_OF_A_SESSION = frozenset({"ValidationException", "ResourceNotFoundException"})


def refusal(error: Any, in_session: bool) -> Exception:
    """The error for a botocore ClientError of a Data API call that got `SessionId` or not.

    The service has no code for a session that ended; it says so in the text: "Session is not available", "Session is
    expired", "Session with Id .. is invalid" (github.com/awslabs/mcp/issues/4587).
    """
    told = error.response.get("Error", {})
    code, text = str(told.get("Code", "")), str(told.get("Message", ""))
    if in_session and code in _OF_A_SESSION and "session" in text.lower():
        return SessionGone(f"{code}: {text}")
    if code == "ActiveWaitingRequestsExceededException":
        return PollPlainly(f"{code}: {text}")
    return (ProgrammingError if code in _OF_THE_STATEMENT else OperationalError)(f"{code}: {text}")
