"""A task that answers Step Functions by its token: beats while it works, and notices when nobody waits for it any more.

Step Functions does not stop such a task when a sibling fails or the execution is aborted: the next heartbeat is
answered TaskTimedOut, InvalidToken or TaskDoesNotExist. Then the work must be cancelled within one interval.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

GONE = ("TaskTimedOut", "InvalidToken", "TaskDoesNotExist")
ERROR_MAX, CAUSE_MAX, OUTPUT_MAX = 256, 32_768, 262_144
"""Characters of an error name and cause, bytes of an output (Step Functions API, SendTaskFailure, SendTaskSuccess)."""

ATTEMPTS = 5

Wait = Callable[[float], bool]
"""Waits so many seconds; True where the work ended meanwhile: `threading.Event().wait`."""


def beat(client: Any, token: str) -> bool | None:
    """One heartbeat: True accepted, False nobody waits any more, None not known (no answer, throttled)."""
    return _told(lambda: client.send_task_heartbeat(taskToken=token))


def keep_beating(
    client: Any, token: str, interval_s: float, wait: Wait, *, give_up_s: float, clock: Callable[[], float]
) -> bool:
    """Beats every interval until the work ends (True) or nobody waits for it any more (False: cancel it and exit).

    The first beat is at once. Where no beat is accepted for `give_up_s` (the state's HeartbeatSeconds), Step Functions
    has given the task up, whether or not it can say so: that is False too. `clock` answers seconds that never go back.
    """
    accepted = clock()
    while True:
        answer = beat(client, token)
        if answer is False:
            return False
        if answer:
            accepted = clock()
        elif clock() - accepted >= give_up_s:
            return False
        if wait(interval_s):
            return True


def interval(heartbeat_s: float) -> float:
    """Seconds between beats: three of them fit into the state's HeartbeatSeconds."""
    return max(1.0, heartbeat_s / 3)


def succeed(client: Any, token: str, output: Mapping[str, Any], wait: Wait) -> bool:
    """Reports success with control data; False where nobody waits for it. Tries again where no answer comes."""
    text = json.dumps(output, ensure_ascii=False, allow_nan=False)
    if len(text.encode()) > OUTPUT_MAX:
        raise ValueError(f"output: expected at most {OUTPUT_MAX:,} bytes, found {len(text.encode()):,}")
    return _report(lambda: client.send_task_success(taskToken=token, output=text), wait)


def fail(client: Any, token: str, error: str, cause: str, wait: Wait) -> bool:
    """Reports a failure under an error's class name; False where nobody waits for it."""
    told = {"error": error[:ERROR_MAX], "cause": cause[:CAUSE_MAX]}
    return _report(lambda: client.send_task_failure(taskToken=token, **told), wait)


def _report(send: Callable[[], object], wait: Wait) -> bool:
    for attempt in range(ATTEMPTS):
        answer = _told(send, last=attempt == ATTEMPTS - 1)
        if answer is not None:
            return answer
        wait(2.0**attempt)
    return False


def _told(send: Callable[[], object], *, last: bool = False) -> bool | None:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        send()
    except ClientError as error:
        code = error.response["Error"]["Code"]
        if code in GONE:
            return False
        if last or code in ("AccessDeniedException", "ValidationException", "InvalidOutput"):
            raise
        return None
    except BotoCoreError:
        if last:
            raise
        return None
    return True
